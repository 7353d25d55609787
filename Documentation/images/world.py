#!/usr/bin/python3
"""A small DNS world on loopback, in which example.it moves to Qboxmail: for the pictures and the quoted output.

Two authoritative servers, the second of which lags, and fourteen resolvers with caches of their own. Started by
itself it runs until Ctrl-C, and prints the options with which propaga asks it. It needs nothing but Python.
"""
import argparse
import os
import random
import selectors
import socket
import struct
import sys
import tempfile
import threading
import time

DOMAIN = "example.it"
PORT = 5353
SERVERS = ["127.0.53.11", "127.0.53.12"]
LAG = 12
A, NS, SOA, MX, OPT = 1, 2, 6, 15, 41
OLD = [(10, "mail.old.example")]
NEW = [(10, "mx01.cbsolt.net"), (20, "mx02.qboxmail.com")]

# Name, number of caches, what it does with a TTL, and how long it takes to answer, in milliseconds.
RESOLVERS = [
    ("milano-1", 1, None, 6), ("milano-2", 1, None, 9), ("roma", 2, None, 14), ("torino", 1, None, 11),
    ("napoli", 1, None, 22), ("bologna", 1, None, 12), ("palermo", 1, None, 31), ("anycast-a", 4, None, 8),
    ("anycast-b", 3, None, 12), ("capped", 1, lambda ttl: min(ttl, 30), 18),
    ("stretches", 1, lambda ttl: max(ttl, 240), 16), ("far-away", 1, None, 190), ("university", 1, None, 19),
    ("customers", 1, "refuses", 15),
]


class Zone:
    """What an authoritative server hands out at an instant."""

    def __init__(self, ttl, switch):
        self.ttl, self.switch = ttl, switch

    def find(self, name, kind, now, lag=0):
        """Code, answer and authority section: lists of (owner, type, TTL, data)."""
        moved = now >= self.switch + lag
        soa = (DOMAIN, SOA, 3600, labels(f"ns1.{DOMAIN}") + labels(f"hostmaster.{DOMAIN}")
               + struct.pack(">5I", 2026112302 if moved else 2026112301, 3600, 600, 604800, 60))
        if name == DOMAIN:
            found = {
                MX: [(DOMAIN, MX, self.ttl, struct.pack(">H", preference) + labels(host))
                     for preference, host in (NEW if moved else OLD)],
                NS: [(DOMAIN, NS, 3600, labels(f"ns{number}.{DOMAIN}")) for number in (1, 2)],
                SOA: [soa],
            }.get(kind, [])
        else:
            index = [f"ns1.{DOMAIN}", f"ns2.{DOMAIN}", *(host for _, host in OLD + NEW), "mx01.qboxmail.com"]
            if name not in index:
                return 3, [], [soa]
            address = SERVERS[index.index(name)] if index.index(name) < 2 else f"192.0.2.{index.index(name)}"
            found = [(name, A, 3600, socket.inet_aton(address))] if kind == A else []
        return 0, found, [] if found else [soa]


class Cache:
    """Keeps what it fetched for as long as its TTL, or as its policy, says."""

    def __init__(self, zone, policy):
        self.zone, self.policy, self.entries = zone, policy, {}

    def find(self, name, kind, now):
        entry = self.entries.get((name, kind))
        if not entry or entry[0] <= now:
            entry = self.entries[name, kind] = self.fetch(name, kind, now)
        left = max(0, int(entry[0] - now))
        code, found, authority = entry[1]
        return code, [(*record[:2], left, record[3]) for record in found], authority

    def fetch(self, name, kind, now):
        code, found, authority = self.zone.find(name, kind, now, random.choice([0, LAG]))
        ttl = min([record[2] for record in found] or [60])
        return now + (self.policy(ttl) if self.policy else ttl), (code, found, authority)


class World:
    def __init__(self, ttl=120, switch_after=25, seed=1):
        random.seed(seed)
        now = time.monotonic()
        self.zone = Zone(ttl, now + switch_after)
        self.caches = {}
        self.selector = selectors.DefaultSelector()
        for index, address in enumerate(SERVERS):
            self.listen(address, ("server", index * LAG, 10))
        for index, (name, count, policy, delay) in enumerate(RESOLVERS):
            caches = [Cache(self.zone, policy if callable(policy) else None) for _ in range(count)]
            for cache in caches:
                # The previous MX, fetched at some moment of the last TTL, so that ages differ.
                cache.find(DOMAIN, MX, now - random.uniform(0.05, 0.8) * ttl)
            self.listen(f"127.0.60.{index + 1}", ("refuses" if policy == "refuses" else "resolver", caches, delay))

    def listen(self, address, role):
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            datagrams.bind((address, PORT))
        except OSError as error:
            sys.exit(f"{address}:{PORT} cannot be served ({error.strerror}): is another world running?")
        self.selector.register(datagrams, selectors.EVENT_READ, role)

    def run(self):
        while True:
            for key, _ in self.selector.select():
                query, peer = key.fileobj.recvfrom(4096)
                reply = self.reply(query, peer[1], *key.data[:2])
                if reply:
                    delay = key.data[2] * random.uniform(0.8, 1.3) / 1000
                    threading.Timer(delay, key.fileobj.sendto, (reply, peer)).start()

    def reply(self, query, port, role, more):
        asked = question(query)
        if asked is None:
            return None
        name, kind, end = asked
        now = time.monotonic()
        if role == "server" and (name == DOMAIN or name.endswith("." + DOMAIN)):
            code, found, authority = self.zone.find(name, kind, now, more)
        elif role == "resolver":
            # The port decides which of the caches behind an address answers.
            code, found, authority = more[port % len(more)].find(name, kind, now)
        else:
            code, found, authority = 5, [], []
        flags = 0x8000 | (0x0400 if role == "server" else 0x0080) | (query[2] & 1) << 8 | code
        extra = b"\0" + struct.pack(">HHIH", OPT, 1232, 0, 0)
        return (query[:2] + struct.pack(">5H", flags, 1, len(found), len(authority), 1) + query[12:end]
                + b"".join(map(octets, found + authority)) + extra)

    def write_list(self, path):
        with open(path, "w", encoding="utf-8") as file:
            for index, (name, _, policy, _) in enumerate(RESOLVERS):
                optional = " optional" if policy == "refuses" else ""
                file.write(f"127.0.60.{index + 1}:{PORT} {name} country=IT{optional}\n")

    def options(self, path):
        authorities = [word for address in SERVERS for word in ("--authority", f"{address}:{PORT}")]
        return ["--resolvers", path, *authorities]


def labels(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def octets(record):
    owner, kind, ttl, data = record
    return labels(owner) + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data


def question(query):
    """The name in small letters, the type, and where the question ends; `None` where it is no question."""
    try:
        position, parts = 12, []
        while query[position]:
            parts.append(query[position + 1:position + 1 + query[position]].decode("ascii").lower())
            position += 1 + query[position]
        return ".".join(parts), struct.unpack_from(">H", query, position + 1)[0], position + 5
    except (IndexError, UnicodeDecodeError, struct.error):
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ttl", type=int, default=120, help="of the MX, in seconds")
    parser.add_argument("--switch-after", type=float, default=25, help="when the MX changes, in seconds")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    world = World(options.ttl, options.switch_after, options.seed)
    path = os.path.join(tempfile.gettempdir(), "lab.conf")
    world.write_list(path)
    print(" ".join(world.options(path)), flush=True)
    world.run()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
