"""The rules about members of the staff and their rights."""
