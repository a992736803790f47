"""Start here: ``python -m bot`` and the script ``delivery-desk``."""

from bot.cli.commands import main

if __name__ == "__main__":
    main()
