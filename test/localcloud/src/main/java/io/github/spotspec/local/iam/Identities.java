package io.github.spotspec.local.iam;

import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.SigV4;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The account's users, roles, policies and credentials. Thread-safe. */
public final class Identities {
    private static final int MAX_KEYS_PER_USER = 2;

    /** A user's access key. */
    public record AccessKey(String id, String secret, String user, boolean active) {}

    /** Temporary credentials. */
    public record Session(
            String accessKeyId, String secretAccessKey, String token, Principal principal, Instant expires) {}

    /** A user or role with its inline and attached policies. */
    private static final class Identity {
        private final String arn;
        private final String id;
        private final Map<String, PolicyDocument> inline = new TreeMap<>();
        private final Set<String> attached = new TreeSet<>();
        private @Nullable PolicyDocument trust;

        private Identity(String arn, String id) {
            this.arn = arn;
            this.id = id;
        }
    }

    private final String account;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Identity> users = new TreeMap<>();
    private final Map<String, Identity> roles = new TreeMap<>();
    /** The policies of roles of other accounts by their ARNs. */
    private final Map<String, PolicyDocument> otherRoles = new TreeMap<>();

    private final Map<String, PolicyDocument> managed = new TreeMap<>();
    private final Map<String, String> profiles = new TreeMap<>();
    private final Map<String, AccessKey> keys = new TreeMap<>();
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final MfaDevices devices;

    public Identities(String account, InstantSource clock) {
        this.account = account;
        this.clock = clock;
        this.devices = new MfaDevices(account, clock);
    }

    /** Returns the MFA devices. */
    public MfaDevices devices() {
        return devices;
    }

    public String account() {
        return account;
    }

    /** Creates a user and returns its ARN. */
    public synchronized String createUser(String name) {
        return create(users, name, "user", "AIDA");
    }

    /** Deletes a user and its sessions. The user must no longer have keys, MFA devices or policies. */
    public synchronized void deleteUser(String name) {
        if (keys.values().stream().anyMatch(key -> key.user().equals(name))) {
            throw new AwsError(409, "DeleteConflict", "Cannot delete entity, must delete access keys first.");
        }
        if (devices.hasAny(name)) {
            throw new AwsError(409, "DeleteConflict", "Cannot delete entity, must delete MFA device first.");
        }
        delete(users, name);
        sessions.values()
                .removeIf(session -> session.principal() instanceof Principal.User of
                        && of.name().equals(name));
    }

    /** Creates a role and returns its ARN. */
    public synchronized String createRole(String name, PolicyDocument trust) {
        PolicyDocument checked = trust.asTrustPolicy();
        String arn = create(roles, name, "role", "AROA");
        role(name).trust = checked;
        return arn;
    }

    /** Deletes a role and its sessions. The role must no longer have policies. */
    public synchronized void deleteRole(String name) {
        delete(roles, name);
        sessions.values()
                .removeIf(session -> session.principal() instanceof Principal.RoleSession of
                        && of.role().equals(name));
    }

    /** Returns the names of all users. */
    public synchronized List<String> userNames() {
        return List.copyOf(users.keySet());
    }

    /** Returns the ARNs of all roles. */
    public synchronized List<String> roleArns() {
        return roles.values().stream().map(role -> role.arn).toList();
    }

    /** Returns the ARNs of all instance profiles. */
    public synchronized List<String> profileArns() {
        return List.copyOf(profiles.keySet());
    }

    /** Returns the ARNs of all managed policies of the account. */
    public synchronized List<String> policyArns() {
        return List.copyOf(managed.keySet());
    }

    public synchronized String userArn(String name) {
        return user(name).arn;
    }

    public synchronized void putUserPolicy(String user, String name, PolicyDocument policy) {
        user(user).inline.put(name, policy.asIdentityPolicy());
    }

    public synchronized void deleteUserPolicy(String user, String name) {
        user(user).inline.remove(name);
    }

    public synchronized void putRolePolicy(String role, String name, PolicyDocument policy) {
        role(role).inline.put(name, policy.asIdentityPolicy());
    }

    public synchronized void deleteRolePolicy(String role, String name) {
        role(role).inline.remove(name);
    }

    /** Creates or replaces a managed policy and returns its ARN. */
    public synchronized String putManagedPolicy(String name, PolicyDocument policy) {
        String arn = "arn:aws:iam::" + account + ":policy/" + name;
        managed.put(arn, policy.asIdentityPolicy());
        return arn;
    }

    /** Deletes a managed policy, which must no longer be attached to anything. */
    public synchronized void deleteManagedPolicy(String arn) {
        if (users.values().stream().anyMatch(user -> user.attached.contains(arn))
                || roles.values().stream().anyMatch(role -> role.attached.contains(arn))) {
            throw new AwsError(409, "DeleteConflict", "Cannot delete a policy attached to entities.");
        }
        managed.remove(arn);
    }

    public synchronized void attachUserPolicy(String user, String arn) {
        attach(user(user), arn);
    }

    public synchronized void detachUserPolicy(String user, String arn) {
        user(user).attached.remove(arn);
    }

    public synchronized void attachRolePolicy(String role, String arn) {
        attach(role(role), arn);
    }

    public synchronized void detachRolePolicy(String role, String arn) {
        role(role).attached.remove(arn);
    }

    /** Creates an access key for a user. A user may have two. */
    public synchronized AccessKey createAccessKey(String user) {
        user(user);
        if (keys.values().stream().filter(key -> key.user().equals(user)).count() >= MAX_KEYS_PER_USER) {
            throw new AwsError(409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: " + MAX_KEYS_PER_USER);
        }
        AccessKey key = new AccessKey("AKIA" + random(16), randomSecret(), user, true);
        keys.put(key.id(), key);
        return key;
    }

    /** Returns a user's access keys. */
    public synchronized List<AccessKey> accessKeys(String user) {
        user(user);
        return keys.values().stream().filter(key -> key.user().equals(user)).toList();
    }

    public synchronized void deleteAccessKey(String user, String id) {
        AccessKey key = keys.get(id);
        if (key == null || !key.user().equals(user)) {
            throw new AwsError(404, "NoSuchEntity", "The Access Key with id " + id + " cannot be found.");
        }
        keys.remove(id);
    }

    /**
     * Opens a session of a role.
     *
     * @param caller the calling principal, or null for an AWS service
     * @param service the calling service, or null for a principal
     * @param context the condition keys of the request and their values
     */
    public synchronized Session assumeRole(
            String arn,
            String sessionName,
            Duration duration,
            @Nullable Principal caller,
            @Nullable String service,
            Map<String, List<String>> context) {
        String name = arn.substring(arn.indexOf(":role/") + ":role/".length());
        Identity role = roles.get(name);
        PolicyDocument trust = role == null ? null : role.trust;
        // Compares the whole ARN, because a role of another account can have the same name.
        AuthorizationRequest access = new AuthorizationRequest("sts:AssumeRole", arn, context);
        if (role == null || trust == null || !role.arn.equals(arn) || !trusts(trust, access, caller, service)) {
            throw new AwsError(
                    403,
                    "AccessDenied",
                    (caller == null ? service : caller.arn())
                            + " is not authorized to perform: sts:AssumeRole on resource: " + arn);
        }
        String sessionArn = "arn:aws:sts::" + account + ":assumed-role/" + name + "/" + sessionName;
        return session(new Principal.RoleSession(name, role.arn, sessionArn, role.id + ":" + sessionName), duration);
    }

    /** Opens a session of a role without asking its trust policy, for a test that acts as the role. */
    public synchronized Session sessionOfRole(String role, String sessionName, Duration duration) {
        Identity identity = role(role);
        String sessionArn = "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + sessionName;
        return session(
                new Principal.RoleSession(role, identity.arn, sessionArn, identity.id + ":" + sessionName), duration);
    }

    /** Opens a session of a role of another account that has one policy. */
    public synchronized Session sessionOfOtherAccount(
            String account, String role, PolicyDocument policy, Duration duration) {
        String arn = "arn:aws:iam::" + account + ":role/" + role;
        otherRoles.put(arn, policy.asIdentityPolicy());
        return session(
                new Principal.RoleSession(
                        role,
                        arn,
                        "arn:aws:sts::" + account + ":assumed-role/" + role + "/other",
                        "AROA" + random(17) + ":other"),
                duration);
    }

    /**
     * Opens a session of a user.
     *
     * @param serialNumber the user's MFA device, or null for a session without MFA
     * @param code the device's code
     */
    public synchronized Session getSessionToken(
            Principal.User user, Duration duration, @Nullable String serialNumber, String code) {
        if (serialNumber != null) {
            devices.take(user.name(), serialNumber, code);
        }
        Instant mfaAt = serialNumber == null ? null : clock.instant();
        return session(new Principal.User(user.name(), user.arn(), user.userId(), true, mfaAt), duration);
    }

    /** Returns the secret of a user's or role's access key, or null if no such active key exists. */
    public synchronized SigV4.@Nullable Key key(String accessKeyId) {
        AccessKey key = keys.get(accessKeyId);
        if (key != null) {
            return key.active() ? new SigV4.Key(key.secret(), null, null) : null;
        }
        Session session = sessions.get(accessKeyId);
        return session == null ? null : new SigV4.Key(session.secretAccessKey(), session.token(), session.expires());
    }

    /** Returns the principal of an access key, which must exist. */
    public synchronized Principal principal(String accessKeyId) {
        Session session = sessions.get(accessKeyId);
        if (session != null) {
            return session.principal();
        }
        AccessKey key = keys.get(accessKeyId);
        if (key == null) {
            throw new AwsError(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
        }
        Identity user = user(key.user());
        return new Principal.User(key.user(), user.arn, user.id, false, null);
    }

    /** Returns a principal's identity policies. */
    public synchronized List<PolicyDocument> policies(Principal principal) {
        if (principal instanceof Principal.RoleSession session
                && !session.account().equals(account)) {
            return List.of(Objects.requireNonNull(otherRoles.get(session.roleArn())));
        }
        Identity identity = switch (principal) {
            case Principal.User user -> users.get(user.name());
            case Principal.RoleSession session -> roles.get(session.role());
        };
        if (identity == null) {
            return List.of();
        }
        List<PolicyDocument> policies = new ArrayList<>(identity.inline.values());
        identity.attached.forEach(arn -> policies.add(Objects.requireNonNull(managed.get(arn))));
        return policies;
    }

    /** Creates an instance profile with a role, and returns its ARN. The path must begin and end with a slash. */
    public synchronized String createProfile(String path, String name, String role) {
        String arn = "arn:aws:iam::" + account + ":instance-profile" + path + name;
        profiles.put(arn, role(role).arn);
        return arn;
    }

    public synchronized void deleteProfile(String arn) {
        profiles.remove(arn);
    }

    /** Returns the ARN of an instance profile's role. */
    public synchronized String profileRole(String profileArn) {
        String role = profiles.get(profileArn);
        if (role == null) {
            throw new AwsError(
                    400,
                    "InvalidParameterValue",
                    "Value (" + profileArn + ") for parameter iamInstanceProfile.arn is invalid.");
        }
        return role;
    }

    /** Returns the names of everything that exists, for tests that check for leftovers. */
    public synchronized List<String> names() {
        List<String> everything = new ArrayList<>();
        users.keySet().forEach(name -> everything.add("user/" + name));
        roles.keySet().forEach(name -> everything.add("role/" + name));
        everything.addAll(managed.keySet());
        everything.addAll(profiles.keySet());
        keys.values().forEach(key -> everything.add("key of " + key.user()));
        everything.addAll(devices.everything());
        return everything;
    }

    private boolean trusts(
            PolicyDocument trust, AuthorizationRequest access, @Nullable Principal caller, @Nullable String service) {
        if (caller == null) {
            return service != null && PolicyEvaluator.allowService(service, List.of(trust), access);
        }
        if (!caller.account().equals(account)) {
            throw AwsError.unknown("assuming a role from another account");
        }
        return PolicyEvaluator.allowToAssume(caller, policies(caller), trust, access);
    }

    private Session session(Principal principal, Duration duration) {
        Session session = new Session(
                "ASIA" + random(16),
                randomSecret(),
                random(160),
                principal,
                clock.instant().plus(duration));
        sessions.put(session.accessKeyId(), session);
        return session;
    }

    private String create(Map<String, Identity> where, String name, String kind, String prefix) {
        String arn = "arn:aws:iam::" + account + ":" + kind + "/" + name;
        if (where.putIfAbsent(name, new Identity(arn, prefix + random(17))) != null) {
            throw new AwsError(409, "EntityAlreadyExists", "The " + kind + " with name " + name + " already exists.");
        }
        return arn;
    }

    private static void delete(Map<String, Identity> where, String name) {
        Identity identity = found(where, name);
        if (!identity.inline.isEmpty() || !identity.attached.isEmpty()) {
            throw new AwsError(409, "DeleteConflict", "Cannot delete entity, must detach all policies first.");
        }
        where.remove(name);
    }

    private void attach(Identity identity, String arn) {
        if (!managed.containsKey(arn)) {
            throw new AwsError(404, "NoSuchEntity", "Policy " + arn + " does not exist or is not attachable.");
        }
        identity.attached.add(arn);
    }

    private Identity user(String name) {
        return found(users, name);
    }

    private Identity role(String name) {
        return found(roles, name);
    }

    private static Identity found(Map<String, Identity> where, String name) {
        Identity identity = where.get(name);
        if (identity == null) {
            throw new AwsError(404, "NoSuchEntity", name + " cannot be found.");
        }
        return identity;
    }

    private String random(int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(Totp.ALPHABET.charAt(random.nextInt(Totp.ALPHABET.length())));
        }
        return text.toString();
    }

    private String randomSecret() {
        byte[] bytes = new byte[30];
        random.nextBytes(bytes);
        return java.util.Base64.getEncoder().encodeToString(bytes);
    }
}
