package io.github.spotspec.local.cloudformation;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The resource types of AWS::IAM. */
final class IamTypes {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_POLICY = 6_144;

    private final Identities identities;

    IamTypes(Identities identities) {
        this.identities = identities;
    }

    Map<String, ResourceType> all() {
        return Map.of(
                "AWS::IAM::User", new User(),
                "AWS::IAM::AccessKey", new AccessKey(),
                "AWS::IAM::ManagedPolicy", new ManagedPolicy(),
                "AWS::IAM::Policy", new Policy(),
                "AWS::IAM::Role", new Role(),
                "AWS::IAM::InstanceProfile", new InstanceProfile());
    }

    private final class User implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("UserName");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String name = wanted.properties().text("UserName", wanted.name());
            return PhysicalResource.of(name, "Arn", identities.createUser(name));
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            identities.deleteUser(made.id());
        }
    }

    private final class AccessKey implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("UserName", "Serial");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            Identities.AccessKey key =
                    identities.createAccessKey(wanted.properties().required("UserName"));
            return PhysicalResource.of(key.id(), "SecretAccessKey", key.secret());
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            try {
                identities.deleteAccessKey(properties.required("UserName"), made.id());
            } catch (AwsError e) {
                // As for every resource type, the deletion succeeds if the resource no longer exists.
                if (!e.code().equals("NoSuchEntity")) {
                    throw e;
                }
            }
        }
    }

    private final class ManagedPolicy implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("Description", "Path", "PolicyDocument", "Users", "Roles", "ManagedPolicyName");
        }

        @Override
        public Set<String> replacing() {
            return Set.of("Description", "Path", "ManagedPolicyName");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            Properties properties = wanted.properties();
            String arn = identities.putManagedPolicy(
                    properties.text("ManagedPolicyName", wanted.name()), document(properties));
            properties.strings("Users").forEach(user -> identities.attachUserPolicy(user, arn));
            properties.strings("Roles").forEach(role -> identities.attachRolePolicy(role, arn));
            return PhysicalResource.of(arn, "PolicyArn", arn);
        }

        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            Properties properties = wanted.properties();
            String arn = made.id();
            identities.putManagedPolicy(arn.substring(arn.indexOf('/') + 1), document(properties));
            ResourceType.removed(before, properties, "Users").forEach(user -> identities.detachUserPolicy(user, arn));
            ResourceType.removed(before, properties, "Roles").forEach(role -> identities.detachRolePolicy(role, arn));
            ResourceType.removed(properties, before, "Users").forEach(user -> identities.attachUserPolicy(user, arn));
            ResourceType.removed(properties, before, "Roles").forEach(role -> identities.attachRolePolicy(role, arn));
            return made;
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            properties.strings("Users").forEach(user -> identities.detachUserPolicy(user, made.id()));
            properties.strings("Roles").forEach(role -> identities.detachRolePolicy(role, made.id()));
            identities.deleteManagedPolicy(made.id());
        }

        /** Parses a policy document and checks its length. IAM does not count white space. */
        private static PolicyDocument document(Properties properties) {
            String text = JSON.valueToTree(properties.any("PolicyDocument")).toString();
            if (text.replaceAll("\\s", "").length() > LONGEST_POLICY) {
                throw new AwsError(409, "LimitExceeded", "Cannot exceed quota for PolicySize: " + LONGEST_POLICY);
            }
            return PolicyDocument.parse(properties.any("PolicyDocument"));
        }
    }

    private final class Policy implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("PolicyName", "PolicyDocument", "Users", "Roles");
        }

        @Override
        public Set<String> replacing() {
            return Set.of();
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            put(wanted.properties());
            return PhysicalResource.of(wanted.name(), "Id", wanted.name());
        }

        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            remove(before);
            put(wanted.properties());
            return made;
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            remove(properties);
        }

        private void put(Properties properties) {
            String name = properties.required("PolicyName");
            PolicyDocument policy = PolicyDocument.parse(properties.any("PolicyDocument"));
            properties.strings("Users").forEach(user -> identities.putUserPolicy(user, name, policy));
            properties.strings("Roles").forEach(role -> identities.putRolePolicy(role, name, policy));
        }

        private void remove(Properties properties) {
            String name = properties.required("PolicyName");
            properties.strings("Users").forEach(user -> identities.deleteUserPolicy(user, name));
            properties.strings("Roles").forEach(role -> identities.deleteRolePolicy(role, name));
        }
    }

    private final class Role implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("AssumeRolePolicyDocument", "Description", "RoleName", "ManagedPolicyArns", "Policies");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            Properties properties = wanted.properties();
            if (properties.any("ManagedPolicyArns") instanceof List<?>
                    || properties.any("Policies") instanceof List<?>) {
                throw AwsError.unknown("roles with policies of their own");
            }
            String name = properties.text("RoleName", wanted.name());
            String arn = identities.createRole(name, PolicyDocument.parse(properties.any("AssumeRolePolicyDocument")));
            return PhysicalResource.of(name, "Arn", arn);
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            identities.deleteRole(made.id());
        }
    }

    private final class InstanceProfile implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("InstanceProfileName", "Path", "Roles");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String name = wanted.properties().text("InstanceProfileName", wanted.name());
            String arn = identities.createProfile(
                    wanted.properties().text("Path", "/"),
                    name,
                    wanted.properties().strings("Roles").getFirst());
            return PhysicalResource.of(name, "Arn", arn);
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            identities.deleteProfile(String.valueOf(made.attributes().get("Arn")));
        }
    }
}
