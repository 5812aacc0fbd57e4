package io.github.spotspec.local.account;

import io.github.spotspec.local.ec2.Ec2State;
import io.github.spotspec.local.ec2.Fleets;
import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.ec2.LaunchTemplates;
import io.github.spotspec.local.ec2.Network;
import io.github.spotspec.local.events.Events;
import io.github.spotspec.local.events.Experiments;
import io.github.spotspec.local.events.Rotations;
import io.github.spotspec.local.iam.Authorizer;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.market.SpotMarket;
import io.github.spotspec.local.state.Logs;
import io.github.spotspec.local.state.Monitoring;
import io.github.spotspec.local.state.Parameters;
import io.github.spotspec.local.state.S3Objects;
import io.github.spotspec.local.state.Secrets;
import io.github.spotspec.local.state.Topics;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** The state of the local account. Its parts are thread-safe. */
public record AccountState(
        InstantSource clock,
        Authorizer authorizer,
        Secrets secrets,
        Logs logs,
        S3Objects objects,
        Parameters parameters,
        Topics topics,
        Monitoring monitoring,
        Functions functions,
        LambdaHost host,
        Events events,
        Rotations rotations,
        Experiments experiments,
        Ec2State ec2) {

    public Identities identities() {
        return authorizer.identities();
    }

    public SpotMarket market() {
        return ec2.market();
    }

    public Images images() {
        return ec2.images();
    }

    public Network network() {
        return ec2.network();
    }

    public InstanceStore instanceStore() {
        return ec2.instances();
    }

    public LaunchTemplates launchTemplates() {
        return ec2.launchTemplates();
    }

    public Fleets fleets() {
        return ec2.fleets();
    }

    public String account() {
        return authorizer.identities().account();
    }

    /** Returns everything that stacks have created, for tests that check for leftovers. */
    public List<String> resourceIds() {
        List<String> everything = new ArrayList<>(identities().names());
        everything.addAll(secrets.arns());
        everything.addAll(parameters.ids());
        everything.addAll(logs.arns());
        everything.addAll(topics.arns());
        everything.addAll(monitoring.ids());
        everything.addAll(functions.arns());
        everything.addAll(events.ruleArns());
        everything.addAll(rotations.ids());
        everything.addAll(experiments.ids());
        return everything;
    }
}
