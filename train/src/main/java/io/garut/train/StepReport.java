package io.garut.train;

import java.util.Optional;

/**
 * What one step did.
 *
 * @param step steps that have been tried, this one included
 * @param loss mean −log P over the learnt tokens, before the step
 * @param gradientNorm of all gradients, before clipping
 * @param learningRate that was applied
 * @param tokens that were read
 * @param learnt tokens of these that were learnt
 * @param seconds it took
 * @param skipped the parameter whose gradient was not finite, if that is why nothing was changed
 */
public record StepReport(
    long step,
    double loss,
    double gradientNorm,
    double learningRate,
    long tokens,
    long learnt,
    double seconds,
    Optional<String> skipped) {}
