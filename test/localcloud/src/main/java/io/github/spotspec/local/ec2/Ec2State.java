package io.github.spotspec.local.ec2;

import io.github.spotspec.local.market.SpotMarket;

/** The parts of EC2's state. */
public record Ec2State(
        SpotMarket market,
        Images images,
        Network network,
        InstanceStore instances,
        LaunchTemplates launchTemplates,
        Fleets fleets) {}
