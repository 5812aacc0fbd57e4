package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.state.Logs;
import io.github.spotspec.local.state.Secrets;
import java.util.Map;
import java.util.Set;

/** The resource types of the smaller services. */
final class OtherTypes {
    private final Secrets secrets;
    private final Logs logs;
    private final String account;

    OtherTypes(Secrets secrets, Logs logs, String account) {
        this.secrets = secrets;
        this.logs = logs;
        this.account = account;
    }

    Map<String, ResourceType> all() {
        return Map.of(
                "AWS::SecretsManager::Secret", new Secret(),
                "AWS::Logs::LogGroup", new LogGroup(),
                "AWS::CDK::Metadata", new Metadata());
    }

    private final class Secret implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("Description", "Name", "SecretString");
        }

        @Override
        public Set<String> replacing() {
            return Set.of("Name");
        }

        @Override
        public Made create(Wanted wanted) {
            String name = wanted.properties().text("Name", wanted.shortName());
            // Secrets Manager ends every ARN with six characters of chance, so that a name can be used again.
            String suffix = wanted.shortName().substring(wanted.shortName().length() - 6);
            String arn = "arn:aws:secretsmanager:" + wanted.region() + ":" + account + ":secret:" + name + "-" + suffix;
            secrets.create(arn, name, wanted.properties().required("SecretString"));
            return Made.of(arn, "Id", arn);
        }

        @Override
        public Made update(Made made, Wanted wanted, Properties before) {
            // Only a changed SecretString is written; another change leaves what was put there since.
            if (!wanted.properties().required("SecretString").equals(before.required("SecretString"))) {
                secrets.put(made.id(), wanted.properties().required("SecretString"));
            }
            return made;
        }

        @Override
        public void delete(Made made, Properties properties) {
            secrets.delete(made.id());
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
        public Made create(Wanted wanted) {
            String name = wanted.properties().text("LogGroupName", wanted.name());
            String arn = "arn:aws:logs:" + wanted.region() + ":" + account + ":log-group:" + name;
            logs.create(arn);
            return Made.of(name, "Arn", arn + ":*");
        }

        @Override
        public Made update(Made made, Wanted wanted, Properties before) {
            return made;
        }

        @Override
        public void delete(Made made, Properties properties) {
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
        public Made create(Wanted wanted) {
            return Made.of(wanted.name());
        }

        @Override
        public void delete(Made made, Properties properties) {
            // There is nothing behind it.
        }
    }
}
