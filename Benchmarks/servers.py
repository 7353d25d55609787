"""The name servers of the benchmark, all on loopback: nsd with many zones, and resolvers that take their time."""
import heapq
import multiprocessing
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import sys
import time

MX, SOA = 15, 6


def require(program):
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not path:
        sys.exit(f"{program} is not installed; `make bench` installs what it needs")
    return path


def free_port(addresses):
    """A UDP port that is free on every address."""
    while True:
        port = random.randrange(20_000, 32_000)
        try:
            sockets = [bound(address, port) for address in addresses]
        except OSError:
            continue
        for each in sockets:
            each.close()
        return port


def bound(address, port):
    result = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        result.bind((address, port))
    except OSError:
        result.close()
        raise
    return result


def query(name, kind):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">6H", 0x1234, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", kind, 1)


class Nsd:
    """nsd on several addresses, with a zone a domain; they all have the same records."""

    ZONE = "$TTL 3600\n@ SOA ns host 1 3600 600 86400 300\n@ NS ns\n@ MX 10 mx01.qboxmail.com.\n" \
           "@ MX 20 mx02.qboxmail.com.\nns A 127.0.0.1\n"

    def __init__(self, parent, addresses, domains):
        self.folder = os.path.join(parent, "nsd")
        self.addresses = addresses
        self.port = free_port(addresses)
        os.mkdir(self.folder)
        with open(os.path.join(self.folder, "zone"), "w") as file:
            file.write(self.ZONE)
        self.write_configuration(domains)
        self.last = domains[-1]

    def write_configuration(self, domains):
        with open(os.path.join(self.folder, "nsd.conf"), "w") as file:
            file.write("server:\n")
            for address in self.addresses:
                file.write(f"  ip-address: {address}@{self.port}\n")
            for key in ("pidfile", "zonelistfile", "xfrdfile"):
                file.write(f'  {key}: "{self.folder}/{key}"\n')
            file.write(f'  username: ""\n  chroot: ""\n  database: ""\n  zonesdir: "{self.folder}"\n'
                       f'  xfrdir: "{self.folder}"\n  server-count: 1\n  rrl-ratelimit: 0\n'
                       "remote-control:\n  control-enable: no\n")
            # The names of the exchanges exist too, so that looking at them costs an answer, not a wait.
            for domain in domains + ["qboxmail.com", "cbsolt.net"]:
                file.write(f'zone:\n  name: "{domain}"\n  zonefile: "zone"\n')

    def __enter__(self):
        with open(os.path.join(self.folder, "log"), "w") as log:
            self.process = subprocess.Popen(
                [require("nsd"), "-d", "-c", os.path.join(self.folder, "nsd.conf")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_until_ready(self):
        deadline = time.monotonic() + 60
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.2)
            asking.connect((self.addresses[-1], self.port))
            while time.monotonic() < deadline and self.process.poll() is None:
                try:
                    asking.send(query(self.last, MX))
                    flags, _, answers = struct.unpack(">3H", asking.recv(2048)[2:8])
                    if flags & 15 == 0 and answers:
                        return
                except OSError:
                    pass
                time.sleep(0.02)
        with open(os.path.join(self.folder, "log")) as log:
            sys.exit(f"nsd does not answer:\n{log.read()[-2000:]}")

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, 15)
            self.process.wait(5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self.process.pid, 9)
        except ProcessLookupError:
            pass
        self.process.wait()


class SlowResolvers:
    """A process that answers at many addresses of one port, at each after its own delay."""

    def __init__(self, delays):
        self.port = free_port(list(delays))
        self.sockets = {bound(address, self.port): delay for address, delay in delays.items()}
        for each in self.sockets:
            each.setblocking(False)

    def __enter__(self):
        self.process = multiprocessing.get_context("fork").Process(target=self.serve, daemon=True)
        self.process.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()
        for each in self.sockets:
            each.close()

    def serve(self):
        due = []
        poll = select.epoll()
        by_descriptor = {each.fileno(): each for each in self.sockets}
        for descriptor in by_descriptor:
            poll.register(descriptor, select.EPOLLIN)
        while True:
            wait = max(0, due[0][0] - time.monotonic()) if due else -1
            for descriptor, _ in poll.poll(wait):
                self.take(by_descriptor[descriptor], due)
            while due and due[0][0] <= time.monotonic():
                _, _, sender, message, client = heapq.heappop(due)
                sender.sendto(message, client)

    def take(self, receiver, due):
        while True:
            try:
                message, client = receiver.recvfrom(2048)
            except BlockingIOError:
                return
            at = time.monotonic() + self.sockets[receiver]
            heapq.heappush(due, (at, random.random(), receiver, self.answer(message), client))

    @staticmethod
    def answer(message):
        """The question, and an answer to MX, SOA or whatever else; no OPT."""
        end = message.index(b"\0", 12) + 5
        kind = struct.unpack(">H", message[end - 4:end - 2])[0]
        data = {
            MX: b"\x00\x0a\x04mx01\x08qboxmail\x03com\x00",
            SOA: b"\x02ns\xc0\x0c\x04host\xc0\x0c" + struct.pack(">5I", 1, 3600, 600, 86400, 300),
            1: b"\x7f\x00\x00\x01",
        }.get(kind)
        answer = b"" if data is None else b"\xc0\x0c" + struct.pack(">2HIH", kind, 1, 300, len(data)) + data
        return message[:2] + struct.pack(">5H", 0x8180, 1, 1 if answer else 0, 0, 0) + message[12:end] + answer
