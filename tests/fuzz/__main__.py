"""`python -m tests.fuzz`."""

import os
import sys

from tests.fuzz.campaign import main

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")  # development keys are dated by the portal's clock
sys.exit(main())
