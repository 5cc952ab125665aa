"""`python -m groundwork`."""

from groundwork.app import main

if __name__ == "__main__":
    main()
