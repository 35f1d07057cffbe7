"""Speed as ratios: our pages beside a bare Flask page, our delivery beside a bare SMTP loop, in one run.

    python3 run.py bench                 print the tables
    python3 run.py bench --write         and keep them in docs/benchmarks.md
    python3 run.py bench --seconds 5     measure each page longer in each round
    python3 run.py bench --sqlite        leave PostgreSQL out

Absolute figures say more about the machine and its neighbours than about the code, so pages and mails are measured in
turns with their bare counterparts, and what counts is the ratio of the medians.
"""
