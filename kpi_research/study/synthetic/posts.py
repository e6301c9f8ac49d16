"""Posts, ranks and tasks: who does what how often, and how long it takes."""

from __future__ import annotations

import numpy as np

from kpi_research.study.synthetic.arrays import Floats

POSTS = ("patrol", "community", "case", "desk", "traffic", "legal")
POSTS_ZH = ("巡逻民警", "社区民警", "案件民警", "内勤民警", "交通民警", "法制员")
POST_SHARES = (0.25, 0.30, 0.25, 0.08, 0.08, 0.04)
"""Shares of the posts among the officers of a station; the first three answer calls."""

POST_FACTOR: Floats = np.array([1.00, 0.95, 1.15, 0.85, 1.00, 1.10])
"""True minutes for the same task relative to patrol."""

RANKS = ("apprentice", "probation", "ordinary", "skilled", "mentor")
RANKS_ZH = ("徒弟级", "见习期", "普通民警", "岗位能手", "师傅级")
RANK_CUMULATIVE: Floats = np.cumsum([0.10, 0.05, 0.55, 0.22, 0.08])
RANK_TENURE: Floats = np.array([(1, 3), (0, 1), (2, 25), (6, 28), (10, 32)], dtype=float)
"""Shortest and longest tenure of each rank, in years."""

RANK_FACTOR: Floats = np.array([1.15, 1.35, 1.00, 0.90, 1.05])
"""True minutes for the same task relative to an ordinary officer."""

RANK_FIAT: Floats = np.array([0.90, 0.85, 1.00, 1.35, 1.25])
"""Coefficients that a published rule sets by fiat."""

TASKS = (
    "call_handling", "investigation", "mediation", "home_visit", "risk_check", "information", "patrol", "reception",
    "traffic_control", "legal_review", "training", "support", "paperwork", "escort",
)  # fmt: skip
TASKS_ZH = (
    "接处警", "案件办理", "纠纷调解", "入户走访", "风险排查", "信息采集", "巡逻防控", "窗口接待",
    "交通疏导", "案件审核", "学习训练", "支援协作", "台账录入", "押解看护",
)  # fmt: skip
TASK_MINUTES: Floats = np.array([40, 240, 55, 25, 45, 12, 120, 15, 60, 70, 90, 150, 20, 300], dtype=float)
"""True mean minutes of one piece of work, done by an ordinary officer on patrol at a station of the norm."""

WORK: Floats = np.array(
    [
        [25, 0.5, 2, 0, 1, 1, 20, 0, 2, 0, 2, 1, 6, 0.05],
        [8, 0.5, 5, 12, 6, 15, 3, 1, 0, 0, 2, 0.5, 10, 0],
        [6, 6, 1.5, 0, 0.5, 1, 0, 0.5, 0, 0.5, 2, 1, 8, 0.10],
        [0, 0, 1, 0, 0, 3, 0, 60, 0, 0.3, 2, 0.3, 20, 0],
        [3, 0.3, 0.5, 0, 0, 0.5, 5, 0, 25, 0, 2, 0.5, 5, 0],
        [0.3, 1, 0.3, 0, 0, 0, 0, 1, 0, 12, 2, 0.3, 8, 0],
    ]
)
"""Mean pieces of work per officer and month, posts x tasks; escorts are rare on purpose."""

CALL_DRIVEN = np.array([task in {"call_handling", "investigation", "mediation"} for task in TASKS])
"""Tasks whose number grows with the station's load."""
