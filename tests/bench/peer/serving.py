"""Makes the tables of Django and a user who is signed in, and serves the peer."""

from __future__ import annotations

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.peer.settings"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
"""What the server of the peer serves."""


def signed_in() -> list[str]:
    """Headers of a user of a group that may do what is asked, in an installation of its own schema."""
    from django.contrib.auth import login
    from django.contrib.auth.models import Group, Permission, User
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.db import connection
    from django.http import HttpRequest
    from django.middleware.csrf import get_token

    with connection.cursor() as cursor:
        cursor.execute("create schema peer")
    call_command("migrate", verbosity=0)
    group = Group.objects.create(name="Администраторы")
    group.permissions.set(Permission.objects.filter(content_type__app_label="peer"))
    user = User.objects.create_user("bench")
    user.groups.add(group)
    request = HttpRequest()
    request.session = SessionStore()
    login(request, user)
    request.session.save()
    token = get_token(request)
    return [
        f"Cookie: sessionid={request.session.session_key}; csrftoken={request.META['CSRF_COOKIE']}",
        f"X-CSRFToken: {token}",
    ]


if __name__ == "__main__":
    print("\n".join(signed_in()))
