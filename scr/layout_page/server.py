"""The page's own server: on this computer alone, behind a secret in the address."""

import asyncio
import errno
import os
import secrets
import socket
import time
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any

from bokeh.application import Application
from bokeh.application.handlers.function import FunctionHandler
from bokeh.server.server import BaseServer
from bokeh.server.tornado import BokehTornado
from jinja2 import Environment, StrictUndefined
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import RequestHandler

from scr.errors import LayoutError
from scr.layout_page.board import History
from scr.layout_page.desk import Desk
from scr.layout_page.more import connect_more
from scr.layout_page.office import Office
from scr.layout_page.tab import Tab

LOOPBACK = "127.0.0.1"
_TICKET_SECONDS = 120.0


@dataclass(frozen=True, eq=False)
class Serving:
    """A server that listens.

    Parameters
    ----------
    address
        Where the page is, with the secret.
    ticket
        An address that leads there once, within two minutes: other users of the computer may see
        the address that a browser is started with.
    server, loop
        Of Bokeh, and what it runs on.
    office
        What its tabs share.
    """

    address: str
    ticket: str
    server: Any
    loop: Any
    office: Office

    def run(self, *, browser: bool) -> None:
        """Serve until interrupted.

        Parameters
        ----------
        browser
            Whether to open the page.
        """
        if browser:
            self.loop.add_callback(partial(webbrowser.open, self.ticket))
        self.server.start()
        try:
            self.loop.start()
        except KeyboardInterrupt:
            pass  # how a page is ended
        finally:
            self.server.stop()
            self.office.close()


class _Ticket(RequestHandler):
    """Leads a browser to the page, once."""

    def initialize(self, target: str, until: float, used: list[bool]) -> None:
        self.target, self.until, self.used = target, until, used

    def get(self) -> None:
        if self.used or time.monotonic() > self.until:
            self.set_status(404)
            self.write("This address was used already. Take the one that the program printed.")
            return
        self.used.append(True)
        self.redirect(self.target)


def open_page(desk: Desk, *, port: int = 0) -> Serving:
    """Listen on the loopback address; every tab gets a document of its own.

    Parameters
    ----------
    desk
        Plan and ground.
    port
        Port; a free one if 0.

    Raises
    ------
    LayoutError
        If the port is in use or not allowed.
    """
    for name in [name for name in os.environ if name.startswith("BOKEH_")]:
        del os.environ[name]  # they could name other origins, or load scripts from elsewhere
    sockets = _sockets(port)
    number = sockets[0].getsockname()[1]
    secret, ticket = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    office = Office(desk)
    asyncio.set_event_loop(asyncio.new_event_loop())
    loop = IOLoop.current()
    until = time.monotonic() + _TICKET_SECONDS
    lead = {"target": f"/{secret}/", "until": until, "used": []}
    application = BokehTornado(
        {"/": Application(FunctionHandler(partial(_fill, office)))},
        prefix=secret,
        extra_websocket_origins=[f"{LOOPBACK}:{number}"],
        use_index=False,
        ico_path="none",
        unused_session_lifetime_milliseconds=5000,
        check_unused_sessions_milliseconds=2000,
    )
    application.add_handlers(".*", [(f"/{ticket}", _Ticket, lead)])  # not behind the secret
    http = HTTPServer(application)
    http.add_sockets(sockets)
    host = f"http://{LOOPBACK}:{number}"
    server = BaseServer(loop, application, http)
    return Serving(f"{host}/{secret}/", f"{host}/{ticket}", server, loop, office)


def _sockets(port: int) -> list[Any]:
    try:
        listening = socket.create_server((LOOPBACK, port), backlog=128)
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            why = "is in use by another program"
        else:
            why = f"cannot be used ({getattr(error, 'strerror', None) or error})"
        msg = f"Port {port} {why}. Leave --port out to take a free one, or name another."
        raise LayoutError(msg) from error
    listening.setblocking(False)
    return [listening]


def _fill(office: Office, doc: Any) -> None:
    """Fill the document of a tab."""
    asked = doc.session_context.request.arguments.get("tab", [b""])[0].decode("ascii", "ignore")
    name = asked if asked in office.states else secrets.token_urlsafe(6)
    state = office.state_of(name)
    tab = Tab(
        office.desk, office, doc, name, History(state.board), dict(state.kept), dict(state.values)
    )
    tab.open()
    stop = connect_more(tab)
    doc.on_session_destroyed(_ending(stop))
    doc.title = f"{office.desk.plan.title}: layout page"
    doc.add_root(tab.view.plot)
    shown = dict(tab.widgets.by_name)
    for key, widget in {**shown, **_sliders(tab)}.items():
        widget.name = key
        doc.add_root(widget)
    here = files("scr.layout_page")
    text = here.joinpath("page.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    doc.template = environment.from_string(text)
    doc.template_variables.update(
        heading=office.desk.plan.title,
        css=here.joinpath("page.css").read_text(encoding="utf-8"),
        js=here.joinpath("page.js").read_text(encoding="utf-8"),
        tab=name,
        sliders=list(_sliders(tab)),
    )


def _sliders(tab: Tab) -> dict[str, Any]:
    return {f"slider_{key}": slider for key, slider in tab.widgets.sliders.items()}


def _ending(stop: Callable[[], None]) -> Callable[[Any], None]:
    return lambda _: stop()
