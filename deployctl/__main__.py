"""`python -m deployctl`, and the `deployctl` console script."""

from deployctl.cli.app import main

if __name__ == "__main__":
    main()
