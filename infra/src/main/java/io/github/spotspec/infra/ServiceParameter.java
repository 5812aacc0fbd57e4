package io.github.spotspec.infra;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.services.ssm.StringListParameter;
import software.constructs.Construct;

/**
 * The parameter of Systems Manager that tells importers about a service. It is a list, because CloudFormation can
 * select the elements of a list at deployment and cannot parse JSON: the URL, the service's name, the ARN of the alias
 * and, if the URL takes tokens, the ARN of the minter. New values may only be appended.
 */
final class ServiceParameter {
    private static final int URL = 0;
    private static final int SERVICE_NAME = 1;
    private static final int ALIAS_ARN = 2;
    private static final int MINTER_ARN = 3;
    private static final int MAX_LENGTH = 1011;
    private static final int MAX_LEVELS = 15;

    private ServiceParameter() {}

    /** Returns a parameter's name, which must be known at synthesis. */
    static String checkName(String prop, @Nullable String name) {
        String checked = Validate.notToken(prop, Validate.argumentNotNull(prop, name));
        Validate.that(
                checked.matches("[A-Za-z0-9_.-]+|(/[A-Za-z0-9_.-]+)+")
                        && checked.length() <= MAX_LENGTH
                        && checked.chars().filter(character -> character == '/').count() <= MAX_LEVELS
                        && !checked.matches("(?i)/?(aws|ssm).*"),
                "'" + prop + "' must be a name such as /spotspec/team, with letters, digits and _.- on at most 15"
                        + " levels, and must not begin with aws or ssm; got \"" + checked + "\"");
        return checked;
    }

    /** Creates the parameter. */
    static void create(Construct scope, String name, SpotService service) {
        StringListParameter.Builder.create(scope, "Parameter")
                .parameterName(name)
                .description("Describes the spot service " + service.getServiceName() + " to stacks that import it.")
                .stringListValue(Stream.concat(
                                Stream.of(
                                        service.getUrl(),
                                        service.getServiceName(),
                                        service.getAlias().getFunctionArn()),
                                service.getMinter().stream().map(minter -> minter.getFunctionArn()))
                        .toList())
                .build();
    }

    /** Reads the attributes of a service at each deployment of the importing stack. */
    static SpotServiceAttributes attributes(Construct scope, String name) {
        List<String> values = StringListParameter.valueForTypedListParameter(scope, name);
        return SpotServiceAttributes.builder()
                .url(Fn.select(URL, values))
                .serviceName(Fn.select(SERVICE_NAME, values))
                .aliasArn(Fn.select(ALIAS_ARN, values))
                .minterArn(Fn.select(MINTER_ARN, values))
                .build();
    }
}
