"""A machine without IPv6, and one without IPv4: L18 of README.md, in a network namespace of its own."""
import os
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent

NO_IPV6 = "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 && ip link set lo up"
NO_IPV4 = "ip link set lo up && ip address del 127.0.0.1/8 dev lo"


class NamespaceTest(unittest.TestCase):
    """Runs one_family.py where it belongs."""

    def inside(self, only, prepare):
        own = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
        enter = ["unshare", *own, "--net", "sh", "-c", f'{prepare} && exec "$@"', "sh"]
        if subprocess.run([*enter, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("this machine lets its users have no namespaces, so no address can be taken away")
        ran = subprocess.run([*enter, sys.executable, "-B", "-m", "unittest", "one_family"],
                             cwd=HERE, env={**os.environ, "KEYBEARER_TEST_ADDRESS": only}, capture_output=True, text=True, timeout=120,
                             check=False)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("Ran 2 tests", ran.stderr)

    def test_L18_without_ipv6(self):
        self.inside("127.0.0.1", NO_IPV6)

    def test_L18_without_ipv4(self):
        self.inside("::1", NO_IPV4)
