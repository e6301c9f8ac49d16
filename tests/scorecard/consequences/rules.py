"""Rules that tests apply."""

from __future__ import annotations

from kpi_research.study.spec_consequences import ConsequenceSection as Rule

MERIT = Rule(id="merit", link="reward", kind="top", count=7)
TALK = Rule(id="talk", link="sanction", kind="bottom", count=3)
TWICE = Rule(id="twice", link="sanction", kind="bottom", count=3, window=3, running=2)
GRADES = Rule(id="grades", link="grade", kind="grades", cuts=(57, 45), grades=("A", "B", "C"))
COURSE = Rule(id="course", link="training", kind="below", cut=45)
BUDGET = Rule(id="budget", link="resources", kind="proportional")
RULES = (MERIT, TALK, TWICE, GRADES, COURSE, BUDGET)
