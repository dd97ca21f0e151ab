"""The same batches as a `tf.data.Dataset`, for Keras: petastorm's `make_petastorm_dataset`, or pyarrow alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from lakesmith.errors import ConfigError, EnvironmentFault, nearest

if TYPE_CHECKING:
    from lakesmith.deep.batches import Batches


def dataset(batches: Batches, *, label: str | None = None, features: Sequence[str] | None = None) -> Any:
    """A `tf.data.Dataset`: dictionaries of tensors or, with a label, pairs (features, label). A pass is an epoch.

    `features`: these columns and arrays side by side in one float32 matrix [n, k], which a Sequential model takes;
    None: all columns but the label, in a dictionary. Raises EnvironmentFault where tensorflow is not installed.
    """
    for name in [*([label] if label else []), *(features or ())]:
        if name not in batches.columns:
            raise ConfigError(f"'{name}' is not a column of the batches", fix=nearest(name, batches.columns))
    try:
        import tensorflow as tf
    except ModuleNotFoundError as error:
        raise EnvironmentFault("tensorflow is not installed", fix="pip install 'lakesmith[tensorflow]'.") from error
    found = _of_petastorm(batches) if batches.engine == "petastorm" else _of_pyarrow(tf, batches)
    widths = batches.table.widths()

    def matrix(batch: dict[str, Any]) -> Any:
        wide = [batch[name] if batch[name].shape.rank == 2 else batch[name][:, tf.newaxis] for name in features or ()]
        return tf.concat([tf.cast(each, tf.float32) for each in wide], axis=1)

    def parted(batch: dict[str, Any]) -> Any:
        for name, width in widths.items():  # a layer wants to know how wide its input is
            batch[name].set_shape([None, width])
        chosen = matrix(batch) if features else {name: value for name, value in batch.items() if name != label}
        return (chosen, batch[label]) if label else chosen

    found = found.map(parted)
    return found if batches.batches is None else found.apply(tf.data.experimental.assert_cardinality(batches.batches))


def _of_petastorm(batches: Batches) -> Any:
    """Petastorm's data set has a row group an element; they are cut into batches."""
    from lakesmith.deep import petastorm_compat, petastorm_engine

    rows = petastorm_engine.Rows(batches.table, batches.groups)
    records = petastorm_compat.tensorflow_dataset()(rows)
    cut = records.rebatch(batches.batch_size, drop_remainder=batches.drop_last).take(
        -1 if batches.batches is None else batches.batches
    )
    return cut.map(lambda record: {name: record._asdict()[name] for name in batches.columns})


def _of_pyarrow(tf: Any, batches: Batches) -> Any:
    def shape(name: str) -> list[None]:
        return [None, None] if pa.types.is_list(batches.table.types[name]) else [None]

    def kind(name: str) -> Any:
        found = batches.table.types[name]
        return np.dtype((found.value_type if pa.types.is_list(found) else found).to_pandas_dtype())

    signature = {name: tf.TensorSpec(shape(name), kind(name)) for name in batches.columns}

    def epoch() -> Iterator[Any]:
        return batches.numpy()

    return tf.data.Dataset.from_generator(epoch, output_signature=signature)
