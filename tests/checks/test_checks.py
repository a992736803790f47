"""What is found of an address, over the wire."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.checks import CHECKS, run_checks
from bot.checks.kit import Lookup, Lookups, Outcome, Resolver, Subject
from bot.checks.resolver import DnsResolver, open_resolver
from bot.core.finding import Finding, Verdict, worst
from bot.playground.nameserver import NameServer
from tests.checks.conftest import many_mx

SHORT, LONG = 0.3, 30.0  # seconds: for what never answers, for what answers


async def found(address: str, resolver: Resolver, deadline: float = LONG) -> dict[str, Finding]:
    return {
        finding.check: finding for finding in await run_checks(address, resolver=resolver, deadline=deadline)
    }


@pytest.mark.parametrize(
    ("domain", "verdict", "code"),
    [
        ("good", Verdict.OK, "mx"),
        ("twice", Verdict.OK, "mx"),
        ("half-public", Verdict.OK, "mx"),
        ("alias-of-good", Verdict.OK, "mx"),
        ("slow", Verdict.OK, "mx"),
        ("halfseen", Verdict.OK, "mx"),
        ("truncated", Verdict.OK, "mx"),
        ("implicit", Verdict.WARN, "implicit-mx"),
        ("implicit6", Verdict.WARN, "implicit-mx"),
        ("cname", Verdict.WARN, "mx-is-cname"),
        ("partly-dangling", Verdict.WARN, "mx-partly-dangling"),
        ("partly-private", Verdict.WARN, "mx-partly-private"),
        ("partly-ip", Verdict.WARN, "mx-is-ip"),
        ("null-beside", Verdict.WARN, "null-mx-beside-others"),
        ("null", Verdict.FAIL, "null-mx"),
        ("no-route", Verdict.FAIL, "no-mail-route"),
        ("empty", Verdict.FAIL, "no-mail-route"),
        ("dangling", Verdict.FAIL, "mx-dangling"),
        ("ip-or-gone", Verdict.FAIL, "mx-dangling"),
        ("null-and-gone", Verdict.FAIL, "mx-dangling"),
        ("private", Verdict.FAIL, "mx-private"),
        ("private-or-gone", Verdict.FAIL, "mx-private"),
        ("private-implicit", Verdict.FAIL, "mx-private"),
        ("ip", Verdict.FAIL, "mx-is-ip"),
        ("unseen", Verdict.UNKNOWN, "mx-unseen"),
        ("unseen-or-gone", Verdict.UNKNOWN, "mx-unseen"),
        ("half-inside", Verdict.UNKNOWN, "mx-unseen"),
        ("implicit-unseen", Verdict.UNKNOWN, "mx-unseen"),
        ("addresses-only", Verdict.UNKNOWN, "servfail"),
        ("mx-in-loop.hostile", Verdict.UNKNOWN, "mx-unseen"),
        ("chain.hostile", Verdict.OK, "mx"),
    ],
)
async def test_an_existing_domain_is_judged_by_where_its_mail_would_go(
    domain: str, verdict: Verdict, code: str, resolver: DnsResolver
) -> None:
    findings = await found(f"taro@{domain}.test", resolver)

    assert (findings["domain"].verdict, findings["domain"].code) == (Verdict.OK, "exists")
    assert (findings["mx"].verdict, findings["mx"].code) == (verdict, code)
    assert worst(findings.values()) is verdict


async def test_two_round_trips_are_enough_for_everything() -> None:
    class Counting:
        """Answers together whatever is asked before the loop has nothing else to do."""

        def __init__(self) -> None:
            self.rounds: list[set[tuple[str, str]]] = []
            self.round: asyncio.Task[None] | None = None

        async def lookup(self, name: str, rdtype: str) -> Lookup:
            if self.round is None:
                self.rounds.append(set())
                self.round = asyncio.create_task(self.end_round())
            self.rounds[-1].add((name, rdtype))
            await asyncio.shield(self.round)
            records = ("10 a.test.", "20 b.test.") if rdtype == "MX" else ()
            return Lookup(Outcome.FOUND if records else Outcome.NO_DATA, records, total=len(records))

        async def end_round(self) -> None:
            for _ in range(50):
                await asyncio.sleep(0)
            self.round = None

    resolver = Counting()
    await found("taro@good.test", resolver)

    assert resolver.rounds == [
        {("good.test", rdtype) for rdtype in ("MX", "A", "AAAA")},
        set(itertools.product(("a.test", "b.test"), ("A", "AAAA"))),
    ]


async def test_a_host_that_never_answers_is_waited_for_no_longer_than_the_deadline() -> None:
    class SilentHosts:
        async def lookup(self, name: str, rdtype: str) -> Lookup:
            if rdtype != "MX" and name == "silent.test":
                await asyncio.Event().wait()
            if rdtype == "MX":
                return Lookup(Outcome.FOUND, ("10 silent.test.",), total=1)
            return Lookup(Outcome.NO_DATA)

    findings = await found("taro@good.test", SilentHosts(), SHORT)

    assert (findings["domain"].code, findings["mx"].code) == ("exists", "mx-unseen")
    assert findings["mx"].facts["unseen"] == ["silent.test"]


@pytest.mark.parametrize(
    ("domain", "code", "facts"),
    [
        ("nx.test", "nxdomain", {"domain": "nx.test"}),
        ("below.gone.test", "nxdomain", {"domain": "below.gone.test"}),
        ("to-nowhere.test", "alias-nxdomain", {"domain": "to-nowhere.test", "target": "nowhere.test"}),
    ],
)
async def test_a_domain_that_does_not_exist_is_said_once(
    domain: str, code: str, facts: dict[str, str], resolver: DnsResolver
) -> None:
    findings = await found(f"taro@{domain}", resolver)

    assert (findings["domain"].verdict, findings["domain"].code) == (Verdict.FAIL, code)
    assert findings["domain"].facts == facts
    assert "mx" not in findings


@pytest.mark.parametrize(
    ("domain", "code"),
    [
        ("silent.test", "timeout"),
        ("garbage.test", "timeout"),  # a datagram that is no DNS may be forged: the answer is waited for
        ("servfail.test", "servfail"),
        ("refused.test", "refused"),
        ("outside.example", "refused"),
        ("loop1.hostile.test", "bad-answer"),
        ("self.hostile.test", "bad-answer"),
        ("out.hostile.test", "servfail"),
    ],
)
async def test_what_could_not_be_seen_is_unknown_and_never_called_broken(
    domain: str, code: str, resolver: DnsResolver
) -> None:
    findings = await found(f"taro@{domain}", resolver, SHORT if code == "timeout" else LONG)

    assert [(findings[check].verdict, findings[check].code) for check in ("domain", "mx")] == [
        (Verdict.UNKNOWN, code)
    ] * 2
    assert worst(findings.values()) is Verdict.UNKNOWN


async def test_a_resolver_where_nobody_listens_is_no_resolver() -> None:
    async with NameServer(zones=[]) as server:
        address = server.address
    findings = await found("taro@good.test", open_resolver(address))

    assert {findings["domain"].code, findings["mx"].code} == {"no-resolver"}
    assert worst(findings.values()) is Verdict.UNKNOWN


async def test_the_hosts_are_told_in_the_order_in_which_a_sender_tries_them(resolver: DnsResolver) -> None:
    assert (await found("taro@good.test", resolver))["mx"].facts["hosts"] == ["mx1.test", "mx2.test"]


@pytest.mark.parametrize(
    ("domain", "fact", "hosts"),
    [
        ("partly-dangling", "dangling", ["gone.test"]),
        ("partly-private", "private", ["inside.test"]),
        ("private", "private", ["inside.test", "loopback.test"]),
        ("partly-ip", "literal", ["192.0.2.1"]),
        ("cname", "aliases", ["aliased.test"]),
        ("half-inside", "unseen", ["half.test"]),
        ("null-beside", "hosts", ["mx1.test"]),
    ],
)
async def test_the_hosts_that_are_wrong_are_named(
    domain: str, fact: str, hosts: list[str], resolver: DnsResolver
) -> None:
    assert (await found(f"taro@{domain}.test", resolver))["mx"].facts[fact] == hosts


async def test_names_made_to_do_harm_come_out_as_plain_escaped_text(resolver: DnsResolver) -> None:
    mx = (await found("taro@names.hostile.test", resolver))["mx"]

    assert mx.code == "mx-partly-dangling"
    assert mx.facts["hosts"] == [
        "<!channel>.hostile.test",
        "\\010\\027[31m.hostile.test",
        'a\\.b\\"\\\\.hostile.test',
        "*.hostile.test",
        "host.hostile.test",
    ]


async def test_of_thousands_of_mx_ten_are_followed_and_the_rest_is_not_judged() -> None:
    async with NameServer(zones=[many_mx()]) as server:
        mx = (await found("taro@many.test", open_resolver(server.address)))["mx"]

    assert (mx.verdict, mx.code) == (Verdict.UNKNOWN, "mx-unseen")
    assert mx.facts["hosts"] == [f"h{n}.many.test" for n in range(1, 11)]
    assert len(server.asked) < 30


async def test_only_the_domain_and_what_its_dns_names_is_ever_asked_for(
    nameserver: NameServer, resolver: DnsResolver
) -> None:
    await found("山田 <Taro@GOOD.test>", resolver)
    await found("taro@ip.test", resolver)
    await found("not an address", resolver)

    asked = {(name.lower(), rdtype) for name, rdtype in nameserver.asked}
    assert asked == {
        *((name, rdtype) for name in ("good.test.", "ip.test.") for rdtype in ("MX", "A", "AAAA")),
        *((name, rdtype) for name in ("mx1.test.", "mx2.test.") for rdtype in ("A", "AAAA")),
    }
    assert len(nameserver.asked) == len(asked)


async def test_an_idn_is_asked_for_in_a_labels(resolver: DnsResolver) -> None:
    findings = await found("太郎@例え．test", resolver)

    assert findings["mx"].code == "mx"
    assert findings["mx"].facts["domain"] == "xn--r8jz45g.test"
    assert findings["syntax"].code == "smtputf8"


async def test_an_address_literal_concerns_no_dns(nameserver: NameServer, resolver: DnsResolver) -> None:
    findings = await found("user@[192.0.2.1]", resolver)

    assert list(findings) == ["normalise", "syntax"]
    assert not nameserver.asked


async def test_a_broken_local_part_hides_nothing_about_the_domain(resolver: DnsResolver) -> None:
    findings = await found("taro..yamada@null.test", resolver)

    assert [finding.code for finding in findings.values()] == [
        "as-written", "not-an-address", "exists", "null-mx",
    ]  # fmt: skip


class Gone:
    """A resolver for which no name exists."""

    async def lookup(self, _name: str, _rdtype: str) -> Lookup:
        return Lookup(Outcome.NXDOMAIN)


class Broken:
    """A resolver with a defect."""

    async def lookup(self, _name: str, _rdtype: str) -> Lookup:
        raise RuntimeError


async def test_a_check_that_breaks_or_is_late_spoils_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(_subject: Subject, _lookups: Lookups) -> Finding:
        raise ZeroDivisionError

    async def late(_subject: Subject, _lookups: Lookups) -> Finding:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setitem(CHECKS, "syntax", broken)
    monkeypatch.setitem(CHECKS, "late", late)
    findings = await found("taro@good.test", Gone(), SHORT)

    assert [(finding.check, finding.code) for finding in findings.values()] == [
        ("normalise", "as-written"), ("syntax", "not-checked"), ("domain", "nxdomain"),
        ("late", "not-checked"),
    ]  # fmt: skip
    assert findings["late"].verdict is findings["syntax"].verdict is Verdict.UNKNOWN


async def test_a_resolver_with_a_defect_is_an_unknown_too() -> None:
    findings = await found("taro@good.test", Broken())

    assert {findings["domain"].code, findings["mx"].code} == {"not-checked"}


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if not outcome.conclusive])
async def test_no_inconclusive_outcome_is_ever_a_failure(outcome: Outcome) -> None:
    class Inconclusive:
        async def lookup(self, _name: str, _rdtype: str) -> Lookup:
            return Lookup(outcome)

    findings = await found("taro@good.test", Inconclusive())

    assert worst(findings.values()) is Verdict.UNKNOWN
    assert findings["domain"].code == findings["mx"].code == outcome


def answers(records: Callable[[], st.SearchStrategy[str]]) -> st.SearchStrategy[Lookup]:
    inconclusive = st.sampled_from(list(Outcome)[1:]).map(Lookup)
    return st.lists(records(), min_size=1, max_size=4).map(
        lambda found: Lookup(Outcome.FOUND, tuple(found), total=len(found))
    ) | inconclusive  # fmt: skip


MX = answers(lambda: st.sampled_from(["0 .", "5 a.test.", "7 b.test.", "9 192.0.2.1.", "10 [::1]."]))
A = answers(lambda: st.sampled_from(["192.0.2.1", "10.0.0.1", "127.0.0.1"]))
AAAA = answers(lambda: st.sampled_from(["2001:db8::1", "fe80::1", "::ffff:10.0.0.1"]))


@given(mx=MX, addresses=st.tuples(A, AAAA, A, AAAA))
async def test_mail_that_may_arrive_is_never_called_a_failure(
    mx: Lookup, addresses: tuple[Lookup, Lookup, Lookup, Lookup]
) -> None:
    said = dict(zip(itertools.product(("a.test", "b.test"), ("A", "AAAA")), addresses, strict=True))

    class Saying:
        async def lookup(self, name: str, rdtype: str) -> Lookup:
            return mx if rdtype == "MX" else said.get((name, rdtype), Lookup(Outcome.NXDOMAIN))

    finding = (await found("taro@good.test", Saying())).get("mx")
    named = [lookup for (name, _), lookup in said.items() if name in " ".join(mx.records)]

    if any({"192.0.2.1", "2001:db8::1"} & set(lookup.records) for lookup in named):
        assert finding
        assert finding.verdict in {Verdict.OK, Verdict.WARN}
    elif not all(lookup.whole for lookup in [mx, *named]):
        assert finding
        assert finding.verdict is Verdict.UNKNOWN
    else:
        assert finding is None or finding.verdict is Verdict.FAIL


@given(text=st.text() | st.text(alphabet='a@.[]"<> :1\\例。\ud800\u202e\x00-').map(lambda text: f"a@{text}"))
async def test_any_text_at_all_is_checked_without_an_error_and_can_be_sent_as_json(text: str) -> None:
    findings = await run_checks(text, resolver=Gone())

    assert findings[0].check == "normalise"
    assert not any(finding.code == "not-checked" for finding in findings)
    assert json.dumps([dict(finding.facts) for finding in findings]).isprintable()
    assert str([dict(finding.facts) for finding in findings]).encode()
