"""The rules of the patient's card."""
