"""Which row groups are a rank's, and how many batches every rank makes of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakesmith.errors import ConfigError, DataError

if TYPE_CHECKING:
    from lakesmith.deep.row_groups import RowGroup, Table


@dataclass(frozen=True)
class Share:
    """One rank's part of an epoch; `rows` and `batches` are None where rows are filtered while they are read."""

    groups: tuple[RowGroup, ...]
    rows: int | None
    batches: int | None
    left_out: int


def share(table: Table, shard: tuple[int, int], batch_size: int, *, even: bool, drop_last: bool) -> Share:
    """Every world-th row group, and the number of batches that the poorest rank can make.

    A rank with one batch more than the others would wait for them for ever where gradients are averaged. Raises
    ConfigError for a rank outside the world, DataError for fewer row groups than ranks.
    """
    rank, world = shard
    if world < 1 or not 0 <= rank < world:
        raise ConfigError(f"shard is ({rank}, {world}), expected (rank, world) with 0 ≤ rank < world", key="shard")
    if len(table.groups) < world:
        raise DataError(
            f"{table.root} has {len(table.groups)} row groups, which {world} ranks cannot share",
            fix=f"Write it with lakesmith.deep.frames.write(frame, folder, shards={world}).",
        )
    mine = table.groups[rank::world]
    if table.rows_where:
        if even and world > 1:
            raise ConfigError(
                "rows are filtered while they are read: each rank has another number of them, not known beforehand",
                key="where",
                fix="Write the filtered frame first, or set even=False and let the ranks' loops end alone.",
            )
        return Share(mine, None, None, 0)
    counts = [sum(group.rows for group in table.groups[each::world]) for each in range(world)]
    whole = [rows // batch_size if drop_last else -(-rows // batch_size) for rows in counts]
    batches = min(whole) if even else whole[rank]
    if not batches:
        raise DataError(
            f"a rank has {min(counts)} rows, fewer than one batch of {batch_size}",
            key="batch_size",
            fix="Take a smaller batch_size, or keep the last batch (drop_last=False).",
        )
    return Share(mine, counts[rank], batches, max(0, counts[rank] - batches * batch_size))
