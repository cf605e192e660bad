"""The WSGI application gunicorn serves."""

import os

# Loaded before the workers part from this process, so that no request waits 0.4 s for its solvers or its holidays.
import holidays.countries.japan  # noqa: F401
import scipy.optimize  # noqa: F401
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from okrplanner.observing import watch_pages
from okrplanner.starting import stop

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "okrplanner.settings")

try:
    watch_pages()
    application = get_wsgi_application()
except ImproperlyConfigured as reason:
    stop(reason)
