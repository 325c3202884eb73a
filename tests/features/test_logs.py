"""Secret addresses stay out of every log, whatever breaks while they are asked for."""

import io
import logging

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from webapp.kernel.errors import init_logs

CANARY = "kanareika-of-an-address"


def secret_addresses(app):
    """Every address with a gap for a word, with a canary in it; and one that no rule knows."""
    for rule in app.url_map.iter_rules():
        words = {name for name, kind in rule._converters.items() if type(kind).__name__ == "UnicodeConverter"}
        if words and rule.endpoint != "static":
            with app.test_request_context():
                values = {name: CANARY if name in words else 1 for name in rule.arguments}
                values |= {"plural": "measures"} if "plural" in rule.arguments else {}
                method = "POST" if "POST" in rule.methods else "GET"
                yield method, app.url_for(rule.endpoint, **values)
    yield "GET", f"/nothing/{CANARY}"


def away():
    raise OperationalError("SELECT", {"token": CANARY}, Exception("unable to open database file"))


def broken():
    raise RuntimeError("something is wrong here")


@pytest.fixture
def written():
    """What our own log writes, here alone."""
    usual, lines = structlog.get_config(), io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(lines))
    yield lines
    structlog.configure(**usual)


@pytest.mark.parametrize("fault", [away, broken])
def test_no_log_holds_a_secret_address(app, visit, capfd, caplog, written, fault):
    caplog.set_level(logging.DEBUG)
    addresses = list(secret_addresses(app))
    assert len(addresses) > 20 and {"/feeds/", "/calendars/", "/drafts/", "/invitations/", "/unsubscribe/"} <= {
        f"/{address.split('/')[1]}/" for _method, address in addresses
    }
    app.before_request_funcs = {None: [fault, *app.before_request_funcs[None]]}
    browser = visit()
    for method, address in addresses:
        browser._send(method, address, headers={"Sec-Fetch-Site": "same-origin"})
    said = capfd.readouterr()
    log = (
        written.getvalue()
        + said.err
        + said.out
        + caplog.text
        + "".join(record.getMessage() for record in caplog.records)
    )
    assert CANARY not in log
    assert '"route": "/feeds/<token>.atom"' in log, "nothing was logged: this test looks at nothing"


def test_a_stream_that_was_closed_since_stops_no_log(app, monkeypatch, capsys):
    """An application that was made while something else stood in the place of standard error."""
    closed = io.StringIO()
    with monkeypatch.context() as while_it_stands:
        while_it_stands.setattr("sys.stderr", closed)
        init_logs()
    closed.close()
    structlog.get_logger("saty.test").warning("still said")
    assert "still said" in capsys.readouterr().err
