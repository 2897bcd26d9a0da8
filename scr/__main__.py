"""``python -m scr``: the command line, also where the folder of ``scr`` is not on the path."""

from scr.cli.main import main

if __name__ == "__main__":
    main()
