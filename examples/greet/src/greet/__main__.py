import sys

from greet.command import main

sys.exit(main())
