"""Verdicts: compares what the passes of a case saw with what the case expects."""


class Judgement:
    """The verdict of the first failure, and what is wrong in sentences."""

    def __init__(self):
        self.verdict, self.wrong = "pass", []

    def fail(self, verdict, *sentences):
        if self.verdict == "pass":
            self.verdict = verdict
        self.wrong.extend(sentences)

    def wants_veto(self):
        """Tell whether a veto pass can show more."""
        return self.verdict in ("pass", "wrong-args", "wrong-count")


def judge_plain(case, seen):
    """Judge the pass in which the hook only watches."""
    judgement = Judgement()
    failure = failure_of_pass(seen, True)
    if failure is not None:
        judgement.fail(*failure)
        return judgement
    judge_events(case, case.expect, relevant_events(case, seen), seen, judgement)
    if case.effect is not None and not has_effect(seen):
        judgement.fail("error", "the effect is not there after the snippet%s" % note(seen.effect))
    return judgement


def judge_veto(case, seen, judgement):
    """Judge the pass in which the hook raises an exception, and add to the judgement of the plain pass.

    Without a plain pass, the events up to the one that is vetoed are compared here.
    """
    is_only_pass = judgement is None
    judgement = judgement or Judgement()
    failure = failure_of_pass(seen, False)
    if failure is not None:
        judgement.fail(failure[0], "in the veto pass, %s" % failure[1])
        return judgement
    if is_only_pass:
        expect = up_to(case.event, case.expect, lambda event: event.name)
        events = up_to(case.event, relevant_events(case, seen), lambda event: event[0])
        judge_events(case, expect, events, seen, judgement)
    if not any(name == case.event for name, _ in seen.events):
        judgement.fail("missing", "%s is not raised in the veto pass" % case.event)
        return judgement
    reached = seen.raised is not None and seen.raised["veto"]
    if reached != (case.veto != "swallowed"):
        judgement.fail("unvetoed", "the hook's exception %s the snippet" % ("reaches" if reached else "does not reach"))
    must_be = case.veto == "after"
    if seen.effect is not None and has_effect(seen) != must_be:
        there = "is not there" if must_be else "is there"
        judgement.fail("unvetoed", "the effect %s after the hook's exception" % there)
    return judgement


def failure_of_pass(seen, plain):
    """Return the verdict and the reason if a pass did not run as it should, so that its events show nothing."""
    if seen.exit.late:
        return "timeout", str(seen.exit)
    if seen.exit.signal is not None:
        return "crash", str(seen.exit)
    if seen.exit.status is None:
        return "error", str(seen.exit)
    if seen.fault is not None:
        return "error", seen.fault
    if seen.setup is not None:
        return "error", "the setup raised %s%s" % (seen.setup["text"], in_line(seen.setup))
    if not seen.finished:
        return "error", "%s before the snippet did%s" % (seen.exit, last_line(seen))
    if seen.raised is not None and plain:
        return "error", "the snippet raised %s%s" % (seen.raised["text"], in_line(seen.raised))
    if seen.exit.status != 0:
        return "error", "%s after the snippet%s" % (seen.exit, last_line(seen))
    return None


def in_line(raised):
    return " (line %d)" % raised["line"] if raised["line"] else ""


def last_line(seen):
    lines = seen.stderr.rstrip().splitlines()
    return ": " + lines[-1] if lines else ""


def has_effect(seen):
    return seen.effect is not None and seen.effect["there"]


def note(effect):
    return " (%s)" % effect["note"] if effect and effect.get("note") else ""


def up_to(name, events, name_of):
    """Return the events up to the first one with a name, or all if there is none."""
    names = [name_of(event) for event in events]
    return events[: names.index(name) + 1] if name in names else events


def relevant_events(case, seen):
    """Return the observed events that the case names, or all if it says `only`."""
    return [event for event in seen.events if case.only or event[0] in case.names]


def judge_events(case, expect, events, seen, judgement):
    names, wanted = [name for name, _ in events], [event.name for event in expect]
    wrong = []
    for index in range(count_aligned(names, wanted)):
        wrong += compare_event(index, expect[index], events[index][1], seen)
    if case.event in wanted and case.event not in names:
        judgement.fail("missing", "%s is not raised" % case.event)
    elif names != wanted:
        judgement.fail("wrong-count", "raised: %s; expected: %s" % (list_of(names), list_of(wanted)))
    if wrong:
        judgement.fail("wrong-args", *wrong)


def list_of(names):
    return ", ".join(names) or "nothing"


def count_aligned(names, wanted):
    """Return how many events at the start belong to the expected ones beside them.

    Behind an event that is another one, or that is raised more or less often than expected, nothing tells which event
    belongs to which expectation.
    """
    for index, (name, other) in enumerate(zip(names, wanted)):
        if name != other or (names != wanted and names.count(name) != wanted.count(name)):
            return index
    return min(len(names), len(wanted))


def compare_event(index, event, values, seen):
    """Return what is wrong with the arguments of an event."""
    wrong = []
    for position, ((argument, shape), value) in enumerate(zip(event.arguments, values)):
        place = "%d.%d" % (index, position)
        if not shape.fits(value, place, seen.answers):
            answer = seen.answers.get(place, {})
            why = answer.get("note") or (show(answer["value"]) if answer.get("value") else "")
            wrong.append("%s is %s, not %s%s" % (argument, show(value), shape, " (%s)" % why if why else ""))
    if len(event.arguments) != len(values):
        wrong.append("%s has %d arguments, not %d" % (event.name, len(values), len(event.arguments)))
    return wrong


def show(value):
    """Return a value as Python would write it, or its type if only that is known."""
    if value["type"] == "NoneType":
        return "None"
    if value.get("value") is None:
        return "<%s>" % value["type"]
    if value["type"] in ("tuple", "list"):
        items = ", ".join(map(show, value["value"]))
        return "[%s]" % items if value["type"] == "list" else "(%s)" % items
    return "b" * (value["type"] == "bytes") + repr(value["value"])
