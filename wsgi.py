"""The WSGI entry point: `flask --app wsgi ...`, `granian --interface wsgi wsgi:app`."""

from webapp import create_app
from webapp.kernel.presence import begin_to_beat

app = create_app()
begin_to_beat(app)
