"""What the functional tests share: a person's machine in a folder, and the programs under test in it."""
from .broker import Broker, BrokerRefused
from .browser import browse, callback_url
from .case import KeybearerTest
from .home import BROKER, CLI, HEADLESS_BROWSER, ROOT
from .locations import KEY, LocationTest
from .process import Process, alive, children_named, wait_until
from .provider import Glewlwyd, McpServer, Plain, Provider, certificates, free_port, userinfo
from .proxy import Proxy
from .rpc import RpcClient, RpcError

__all__ = ["BROKER", "Broker", "BrokerRefused", "CLI", "Glewlwyd", "HEADLESS_BROWSER", "KEY", "KeybearerTest", "LocationTest",
           "McpServer", "Plain", "Process", "Provider", "Proxy", "ROOT", "RpcClient", "RpcError", "alive", "browse", "callback_url",
           "certificates", "children_named", "free_port", "userinfo", "wait_until"]
