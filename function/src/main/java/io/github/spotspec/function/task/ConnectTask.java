package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.SshPublicKey;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.config.InstanceLimits;
import io.github.spotspec.function.ec2.InstanceConnect;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.runtime.RegionFanOut;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code connect}: lets an SSH public key log in to a managed instance for a minute, and returns the addresses of the
 * instance. The private key stays with the caller.
 */
public final class ConnectTask implements Task {
    static final Field<String> INSTANCE = Field.text(
                    "instanceId", "an instance id such as i-0123456789abcdef0", id -> Syntax.isId("i", id))
            .or("InstanceId");
    static final Field<String> OS_USER = Field.text(
                    "osUser", "the name of a user on the instance, such as ec2-user", Syntax::isOsUser)
            .or("InstanceOSUser");
    static final Field<String> PUBLIC_KEY = Field.text(
                    "publicKey",
                    "an ED25519 public key without a comment, ssh-ed25519 and 68 characters of base64",
                    SshPublicKey::isEd25519)
            .or("SSHPublicKey");

    private final AllowedRegions regions;
    private final Inventory inventory;
    private final InstanceConnect instanceConnect;
    private final InstanceLimits limits;

    public ConnectTask(
            AllowedRegions regions, Inventory inventory, InstanceConnect instanceConnect, InstanceLimits limits) {
        this.regions = regions;
        this.inventory = inventory;
        this.instanceConnect = instanceConnect;
        this.limits = limits;
    }

    private record Admitted(ManagedInstance instance, String osUser, Instant keyExpires) implements Row {
        @Override
        public void write(Columns out) {
            ManagedInstance.Addresses addresses = instance.details().addresses();
            out.put("Region", instance.region());
            out.put("AvailabilityZone", instance.zone());
            out.put("InstanceId", instance.id());
            out.put("OsUser", osUser);
            out.put("PublicIpAddress", addresses.publicIp());
            out.put("Ipv6Address", addresses.ipv6());
            out.put("PublicDnsName", addresses.publicDnsName());
            out.put("PrivateIpAddress", addresses.privateIp());
            out.put("KeyExpires", keyExpires);
        }
    }

    @Override
    public String name() {
        return "connect";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(AllowedRegions.FIELD, INSTANCE, OS_USER, PUBLIC_KEY);
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        List<String> asked = regions.ofIds(fields);
        String id = fields.require(INSTANCE);
        String osUser = fields.get(OS_USER, limits.defaultOsUser());
        String publicKey = fields.require(PUBLIC_KEY);
        limits.checkOsUser(osUser);
        return context -> run(asked, id, osUser, publicKey, context);
    }

    private Answer run(List<String> asked, String id, String osUser, String publicKey, TaskContext context) {
        LocatedResources<ManagedInstance> located = LocatedResources.instances(inventory, asked, List.of(id), context);
        RegionFanOut<Admitted> pushed = located.forEachRegion(
                context, (region, instances) -> push(region, instances.getFirst(), osUser, publicKey, context));
        if (pushed.results().isEmpty()) {
            throw RegionFanOut.first(pushed.failedRegions());
        }
        Map<String, Object> meta = new LinkedHashMap<>();
        located.describe(pushed, meta);
        return new Answer("admitted", List.copyOf(pushed.results().values()), meta);
    }

    private Admitted push(
            String region, ManagedInstance instance, String osUser, String publicKey, TaskContext context) {
        if (!instance.isAlive()) {
            throw new ServiceException(
                    ErrorCode.INSTANCE_ENDED,
                    instance.id() + " in " + region + " is " + instance.state()
                            + ", so nobody can log in to it; launch another instance.");
        }
        if (!instance.isRunning()) {
            throw new ServiceException(
                    ErrorCode.INSTANCE_NOT_READY,
                    instance.id() + " in " + region + " is " + instance.state()
                            + ", and EC2 Instance Connect needs a running instance; try again in a few seconds.");
        }
        return new Admitted(
                instance,
                osUser,
                instanceConnect.push(region, instance.id(), osUser, publicKey, context.callContext()));
    }
}
