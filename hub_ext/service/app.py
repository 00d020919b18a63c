"""The service: the only process that decides and the only writer of the ledger. This file wires its parts together.

Run by ``gatehouse service`` as an external JupyterHub service; the hub's usual environment tells it where the hub is:
``JUPYTERHUB_API_TOKEN``, ``JUPYTERHUB_API_URL``, ``JUPYTERHUB_SERVICE_PREFIX``, ``JUPYTERHUB_CLIENT_ID``.
"""

import asyncio
import gc
import logging
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from jupyterhub.services.auth import HubOAuth
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application as WebApplication
from traitlets import Bool, Float, Integer, TraitError, Unicode, default, validate
from traitlets.config import Application

from hub_ext import __version__, clock
from hub_ext.contract.errors import GatehouseError, Unavailable
from hub_ext.metrics import Metrics
from hub_ext.service import starting
from hub_ext.service.activities import Activities
from hub_ext.service.costs import Costs
from hub_ext.service.counting import Counting
from hub_ext.service.desk import Desk
from hub_ext.service.enforcing import Enforcer
from hub_ext.service.gateway_api import GatewayApi
from hub_ext.service.guarding import Guard
from hub_ext.service.handlers.health import NothingHandler
from hub_ext.service.history import Histories
from hub_ext.service.housekeeping import keep_house
from hub_ext.service.hub_api import HubApi
from hub_ext.service.keeping import Keeper
from hub_ext.service.leading import Leading
from hub_ext.service.live import Changes
from hub_ext.service.metering import Meter
from hub_ext.service.pod_board import PodBoard
from hub_ext.service.pod_books import PodBooks
from hub_ext.service.pod_guarding import PodGuard
from hub_ext.service.pod_settings import PodSettings
from hub_ext.service.pod_use import PodUse
from hub_ext.service.policy_store import PolicyStore
from hub_ext.service.relay import Relay
from hub_ext.service.reporting import Reports
from hub_ext.service.routes import routes
from hub_ext.service.sides import Sides
from hub_ext.service.stopping import Stopper
from hub_ext.service.strangers import Strangers
from hub_ext.service.treasury import Treasury
from hub_ext.service.views import Views
from hub_ext.service.watching import BudgetWatch
from hub_ext.usage import corrections
from hub_ext.usage.channel import Channel
from hub_ext.usage.database import Database
from hub_ext.usage.leader import Leader
from hub_ext.usage.retention import LEAST_DAYS

_SWITCH_SECONDS = 0.001
"""How long one thread may keep the others waiting: an answer must not queue behind the housekeeping at every step."""

log = logging.getLogger(__name__)


class GatehouseService(PodSettings, Application):
    """Decides what may start, keeps the ledger, and shows people what runs and what it costs."""

    name = "gatehouse service"
    description = "The Gatehouse service: decisions, ledger, API, admin page and metrics."
    version = __version__
    raise_config_file_errors = True

    config_file = Unicode("", help="Configuration file to load, Python or JSON.").tag(config=True)
    ip = Unicode("127.0.0.1", help="Address to listen on.").tag(config=True)
    port = Integer(8010, help="Port to listen on.").tag(config=True)
    policy_file = Unicode("policy.yaml", help="The administrator's policy file.").tag(config=True)
    database_url = Unicode(
        help="""
        SQLAlchemy address of the ledger: ``sqlite:////path``, or ``postgresql+psycopg://user@host/name``, which
        several replicas of the service may share.

        Default: the environment variable ``GATEHOUSE_DATABASE_URL``, else ``sqlite:///gatehouse.sqlite`` outside of
        Kubernetes.
        """,
    ).tag(config=True)

    @default("database_url")
    def _database_url_default(self) -> str:
        return starting.database_address()

    gateway_url = Unicode(
        "",
        help="""
        Address of the Dask Gateway with its prefix, such as ``http://127.0.0.1:8001/services/dask-gateway``; the
        service stops clusters through it. Default: the environment variable ``GATEHOUSE_GATEWAY_URL``.
        """,
    ).tag(config=True)

    @default("gateway_url")
    def _gateway_url_default(self) -> str:
        return os.environ.get("GATEHOUSE_GATEWAY_URL", "")

    token_cache_seconds = Integer(
        15,
        help="How long the hub's word about a token is kept: a right that was taken away ends at the latest then.",
    ).tag(config=True)
    policy_check_seconds = Float(
        5.0,
        help="How often the policy file is looked at for changes, and what runs for being idle or too old.",
    ).tag(config=True)
    leader_seconds = Float(
        30.0,
        min=1.0,
        help="""
        Of several replicas, how long the one that leads may say nothing to the database before another one leads.

        A replica that has died is replaced at once, one that hangs after this time; never less than two rounds of
        ``policy_check_seconds``. Shorter makes replicas that are only slow take turns, which is harmless.
        """,
    ).tag(config=True)
    reclaim_seconds = Float(
        60.0,
        min=0.0,
        help="""
        How long a group that is within its quota waits for cores that other groups of its cohort borrow, before they
        give them back.

        Borrowers shrink at their cluster's next heartbeat after that, some seconds later; finished results are moved
        to the workers that stay.
        """,
    ).tag(config=True)
    warn_seconds = Float(
        600.0,
        min=0,
        help="How long before an idle or lifetime end its owner is told; of a short limit, its last quarter.",
    ).tag(config=True)
    server_grace_seconds = Float(
        60.0,
        min=0,
        help="How long a cluster may outlive its person's last server; for ever where ``stops_with_server`` is ``no``.",
    ).tag(config=True)
    orphan_check_seconds = Float(
        30.0,
        help="How often leases are compared with the servers of the hub and the clusters of the gateway.",
    ).tag(config=True)
    orphan_checks = Integer(
        3,
        min=1,
        help="How many of these checks in a row must miss a server or cluster until its lease is given back.",
    ).tag(config=True)
    end_servers_without_lease = Bool(
        default_value=True,
        help="""
        Whether a server that runs without a lease is ended, after so many checks in a row: nothing counts it against a
        quota and nobody pays for it.

        Never ended: a server from before this service first looked at the hub, and one whose start was reported. All
        are shown on the overview. Turn it off where some servers of the hub are not Gatehouse's.
        """,
    ).tag(config=True)
    organisation = Unicode(
        "Gatehouse",
        help="Who runs the hub: the billing account and invoice issuer in FOCUS exports, such as ``Example Ltd``.",
    ).tag(config=True)
    retention_days = Integer(
        750,
        min=0,
        help="""
        How many days what has ended is kept: servers and clusters with their events and intervals, decisions, passed
        budget levels and the audit log. Default: two years and some days. 0: for ever.

        What is older is removed every day, little by little, and cannot be had back but from a backup. The daily sums
        of groups and top-ups stay. At least 62, which this month's budgets and forecast need. Example: 400 for
        reports on the last year.
        """,
    ).tag(config=True)

    @validate("retention_days")
    def _retention_days_valid(self, proposal: Any) -> int:
        days: int = proposal["value"]
        if 0 < days < LEAST_DAYS:
            raise TraitError(f"retention_days is {days}; it must be 0 (for ever) or at least {LEAST_DAYS}")
        return days

    cookie_secret_file = Unicode(
        "", help="File with the secret that signs login cookies; made if missing. Empty: new logins at each start."
    ).tag(config=True)
    log_requests = Bool(default_value=False, help="Log every request.").tag(config=True)

    aliases = {
        "config": "GatehouseService.config_file",
        "ip": "GatehouseService.ip",
        "port": "GatehouseService.port",
        "policy": "GatehouseService.policy_file",
        "database": "GatehouseService.database_url",
        "gateway": "GatehouseService.gateway_url",
        "cookie-secret": "GatehouseService.cookie_secret_file",
        "log-level": "Application.log_level",
    }
    flags: dict[str, Any] = {}

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read the command line and the configuration file."""
        super().initialize(argv)
        if self.config_file:
            self.load_config_file(self.config_file)
            self.parse_command_line(argv)
        logging.basicConfig(level=self.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        if not self.log_requests:
            logging.getLogger("tornado.access").setLevel(logging.WARNING)

    def start(self) -> None:
        """Serve until asked to stop; a wrong policy or port ends it with one clear text."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        try:
            asyncio.run(self._serve())
        except GatehouseError as error:
            raise SystemExit(f"gatehouse service: {error.line}") from error

    async def _serve(self) -> None:
        web = self.make_web_application()
        gc.collect()
        gc.freeze()  # what was loaded stays: looking through it again and again stops every thread for some 50 ms
        server = HTTPServer(web, xheaders=True)
        try:
            server.add_sockets(bind_sockets(self.port, self.ip))
        except OSError as error:
            raise Unavailable(f"Port {self.port} on {self.ip} cannot be used: {error.strerror}.") from error
        log.info("Listening on http://%s:%d%s", self.ip, self.port, web.settings["prefix"])
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        tasks = [asyncio.create_task(keep_house(web.settings, self.policy_check_seconds))]
        if not web.settings["database"].is_sqlite:
            tasks.append(asyncio.create_task(web.settings["relay"].run()))
        await stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await web.settings["meter"].close()
        server.stop()
        web.settings["leader"].resign()
        web.settings["database"].close()

    def make_web_application(self) -> WebApplication:
        """Wire everything together.

        Raises:
            PolicyMistakes: the policy file has mistakes.
            Unavailable: the policy file cannot be read, or something else that it needs is missing.
        """
        store = PolicyStore(Path(self.policy_file))
        hub_auth = HubOAuth.instance(parent=self, cache_max_age=self.token_cache_seconds)
        starting.require_token(hub_auth.api_token)
        starting.require_database(self.database_url)
        database = Database(self.database_url)
        database.migrate()
        clock.agree(database.now())
        prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/services/gatehouse/")
        desk, changes = Desk(database, store, timedelta(seconds=self.reclaim_seconds)), Changes()
        stopper = Stopper(hub_auth.api_url, self.gateway_url, hub_auth.api_token)
        hub = HubApi(hub_auth.api_url, hub_auth.api_token)
        treasury = Treasury(database, store)
        metrics, warn = Metrics(), timedelta(seconds=self.warn_seconds)
        gateway, strangers = GatewayApi(self.gateway_url, hub_auth.api_token), Strangers(database)
        guard = Guard(
            *(desk, hub, gateway, changes, metrics),
            every=self.orphan_check_seconds,
            patience=self.orphan_checks,
            strangers=strangers,
            stopper=stopper if self.end_servers_without_lease else None,
        )
        books = PodBooks(database)
        activities = Activities(database)
        meter = Meter(
            *(books, changes, metrics),
            namespaces=self.kubernetes_namespaces,
            patience=self.pod_patience_seconds,
            use=PodUse(activities, changes, self.pod_idle_cpu, self.pod_use_seconds),
        )
        pod_guard = PodGuard(
            *(desk, books, meter, Sides(hub, gateway, stopper)),
            changes=changes,
            metrics=metrics,
            every=self.orphan_check_seconds,
            patience=self.orphan_checks,
            since=strangers.since,
            ends=self.end_servers_without_lease,
        )
        pod_board = PodBoard(database, meter, pod_guard.notices)
        return WebApplication(
            routes(prefix),
            prefix=prefix,
            hub_prefix=hub_auth.hub_prefix,
            database=database,
            desk=desk,
            activities=activities,
            counting=Counting(database, store),
            histories=Histories(database, store, warn),
            views=Views(database, store, lambda: guard.without_lease, warn, pod_board.read),
            treasury=treasury,
            leading=Leading(database, store, treasury),
            reports=Reports(database, lambda: store.policy, self.organisation),
            costs=Costs(database, lambda: store.policy),
            changes=changes,
            leader=Leader(database, max(self.leader_seconds, 2 * self.policy_check_seconds)),
            relay=Relay(Channel(database), changes),
            metrics=metrics,
            guard=guard,
            meter=meter,
            pod_guard=pod_guard,
            pod_board=pod_board,
            keeper=Keeper(database, self.retention_days, metrics, corrections.closed_until),
            stopper=stopper,
            enforcer=Enforcer(
                *(desk, BudgetWatch(database, store), hub, stopper, changes),
                metrics=metrics,
                server_grace=timedelta(seconds=self.server_grace_seconds),
                warn=warn,
            ),
            cookie_secret=starting.cookie_secret(self.cookie_secret_file),
            default_handler_class=NothingHandler,
        )
