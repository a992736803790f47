pytest_plugins = ["tests.databases", "tests.goldens", "tests.house"]
