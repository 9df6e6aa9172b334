"""Work that outgrows one process: photos by the million, long videos, many paintings.

It is spread over the processes of one machine, or over the machines of a Ray cluster; see ``pools``.
"""
