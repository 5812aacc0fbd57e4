package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.events.Rotations;
import io.github.spotspec.local.state.Logs;
import io.github.spotspec.local.state.Secrets;
import io.github.spotspec.local.wire.AwsError;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/** The resource types of the smaller services. */
final class OtherTypes {
    private static final String LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    private final SecureRandom random = new SecureRandom();
    private final Secrets secrets;
    private final Rotations rotations;
    private final Logs logs;
    private final String account;

    OtherTypes(Secrets secrets, Rotations rotations, Logs logs, String account) {
        this.secrets = secrets;
        this.rotations = rotations;
        this.logs = logs;
        this.account = account;
    }

    Map<String, ResourceType> all() {
        return Map.of(
                "AWS::SecretsManager::Secret", new Secret(),
                "AWS::SecretsManager::RotationSchedule", new RotationSchedule(),
                "AWS::Logs::LogGroup", new LogGroup(),
                "AWS::CDK::Metadata", new Metadata());
    }

    private final class Secret implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("Description", "Name", "SecretString", "GenerateSecretString");
        }

        @Override
        public Set<String> replacing() {
            return Set.of("Name");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String name = wanted.properties().text("Name", wanted.shortName());
            // Secrets Manager ends every ARN with six random characters, so that a name can be used again.
            String suffix = wanted.shortName().substring(wanted.shortName().length() - 6);
            String arn = "arn:aws:secretsmanager:" + wanted.region() + ":" + account + ":secret:" + name + "-" + suffix;
            secrets.create(arn, name, value(wanted.properties()));
            return PhysicalResource.of(arn, "Id", arn);
        }

        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            // Writes the value only if it changed. Another change keeps the value that was written since.
            for (String source : List.of("SecretString", "GenerateSecretString")) {
                if (!Objects.equals(wanted.properties().any(source), before.any(source))) {
                    secrets.put(made.id(), value(wanted.properties()));
                    break;
                }
            }
            return made;
        }

        private String value(Properties properties) {
            return properties.any("GenerateSecretString") == null
                    ? properties.required("SecretString")
                    : generated(
                            properties.object("GenerateSecretString", Set.of("PasswordLength", "ExcludePunctuation")));
        }

        /** Generates a password of letters and digits, and of Secrets Manager's punctuation unless that is excluded. */
        private String generated(Properties wanted) {
            String characters = LETTERS_AND_DIGITS
                    + (wanted.text("ExcludePunctuation", "false").equals("true") ? "" : PUNCTUATION);
            StringBuilder password = new StringBuilder();
            for (int i = 0; i < wanted.whole("PasswordLength", 32); i++) {
                password.append(characters.charAt(random.nextInt(characters.length())));
            }
            return password.toString();
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            secrets.delete(made.id());
        }
    }

    private final class RotationSchedule implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("SecretId", "RotationLambdaARN", "RotationRules", "RotateImmediatelyOnUpdate");
        }

        @Override
        public Set<String> replacing() {
            return Set.of("SecretId");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String secret = wanted.properties().required("SecretId");
            put(secret, wanted.properties());
            return PhysicalResource.of(secret);
        }

        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            put(made.id(), wanted.properties());
            return made;
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            rotations.delete(made.id());
        }

        private void put(String secret, Properties properties) {
            // The next scheduled rotation does not matter here, because tests start rotations themselves.
            String schedule = properties
                    .object("RotationRules", Set.of("ScheduleExpression"))
                    .required("ScheduleExpression");
            if (!schedule.matches("rate\\([1-9][0-9]{0,2} days\\)")) {
                throw AwsError.unknown("the rotation schedule " + schedule);
            }
            if (!properties.text("RotateImmediatelyOnUpdate", "true").equals("true")) {
                throw AwsError.unknown("a rotation schedule that does not begin at once");
            }
            rotations.put(secret, properties.required("RotationLambdaARN"));
            rotations.begin(secret, UUID.randomUUID().toString());
        }
    }

    private final class LogGroup implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("LogGroupName", "RetentionInDays");
        }

        @Override
        public Set<String> replacing() {
            return Set.of("LogGroupName");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String name = wanted.properties().text("LogGroupName", wanted.name());
            String arn = "arn:aws:logs:" + wanted.region() + ":" + account + ":log-group:" + name;
            logs.create(arn);
            return PhysicalResource.of(name, "Arn", arn + ":*");
        }

        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            return made;
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            String arn = String.valueOf(made.attributes().get("Arn"));
            logs.delete(arn.substring(0, arn.length() - ":*".length()));
        }
    }

    private static final class Metadata implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("Analytics");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            return PhysicalResource.of(wanted.name());
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            // Nothing to delete, because the local cloud does not simulate this resource.
        }
    }
}
