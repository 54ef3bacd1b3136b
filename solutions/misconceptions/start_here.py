"""Known wrong answers to lesson 00, each with the words that mend it."""

import numpy as np

from autograder.exercise import misconception

# row_shares


@misconception("row_shares")
def one_total_for_everything(x):
    """You divided by the total of the whole array, so that all the numbers together sum to 1. Each row
    should: it needs a total of its own."""
    return x / x.sum()


@misconception("row_shares")
def each_column_sums_to_one(x):
    """Your columns sum to 1: you added up along the first axis. The numbers of a row lie along the last
    one."""
    return x / x.sum(axis=0, keepdims=True)


@misconception("row_shares")
def counts_axes_from_the_front(x):
    """Axis 1 is the last axis of a table, but not of an array with a batch in front; and a loop over `x` takes
    the first axis, which then is not the rows. Count from the end: the last axis is -1."""
    return x / x.sum(axis=1, keepdims=True)


@misconception("row_shares")
def divides_by_the_mean(x):
    """You divided by each row's mean, so a row sums to its number of entries. Shares are parts of the
    row's total."""
    return x / x.mean(axis=-1, keepdims=True)


@misconception("row_shares")
def divides_by_the_largest(x):
    """You divided by each row's largest number, which now has a share of 1 all alone. Shares are parts of
    the row's total."""
    return x / x.max(axis=-1, keepdims=True)


@misconception("row_shares")
def returns_percentages(x):
    """Your rows sum to 100. These are percentages; shares sum to 1."""
    return 100 * x / x.sum(axis=-1, keepdims=True)


@misconception("row_shares")
def returns_the_totals(x):
    """You returned the totals. They are half of the way: each number is still to be divided by its row's
    total."""
    return x.sum(axis=-1, keepdims=True)


# mean_of_tokens


@misconception("mean_of_tokens")
def averages_the_features(x):
    """You averaged along the last axis, the numbers inside one vector. Average over the vectors: that axis
    is the last but one."""
    return x.mean(axis=-1)


@misconception("mean_of_tokens")
def averages_along_the_first_axis(x):
    """You averaged along the first axis. With a batch in front, that mixes different sentences. Count from
    the end: the vectors lie along axis -2."""
    return x.mean(axis=0)


@misconception("mean_of_tokens")
def averages_everything(x):
    """You averaged all the numbers into one. A sentence keeps `d` of them: say along which axis to
    average."""
    return x.mean()


@misconception("mean_of_tokens")
def adds_up_the_tokens(x):
    """This is the sum of the vectors. The mean divides it by how many there are."""
    return x.sum(axis=-2)


@misconception("mean_of_tokens")
def divides_by_the_features(x):
    """You divided by `d`, the numbers in a vector. Divide by `seq`, the number of vectors."""
    return x.sum(axis=-2) / x.shape[-1]


@misconception("mean_of_tokens")
def divides_by_the_length_of_the_first_axis(x):
    """Your sums are right, but `len(x)` counts the first axis: with a batch in front, the sentences. The number of
    vectors in a sentence is `x.shape[-2]`."""
    return x.sum(axis=-2) / len(x)


@misconception("mean_of_tokens")
def keeps_the_axis(x):
    """The numbers are right, but the axis of the tokens is still there, with size 1. It should be gone:
    here `keepdims` is not wanted."""
    return x.mean(axis=-2, keepdims=True)


@misconception("mean_of_tokens")
def takes_the_largest(x):
    """You kept the largest number of each feature. Here the mean is asked for, to which every token
    contributes."""
    return x.max(axis=-2)


@misconception("mean_of_tokens")
def takes_the_last_token(x):
    """You returned the last token's vector. The mean listens to all the tokens alike."""
    return np.array(x[..., -1, :])
