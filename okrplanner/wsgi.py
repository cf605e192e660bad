"""The WSGI application gunicorn serves."""

import os

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
