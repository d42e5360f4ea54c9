from prikus.cli import main

main()
