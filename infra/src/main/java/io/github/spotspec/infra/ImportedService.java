package io.github.spotspec.infra;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.IResource;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Token;
import software.amazon.awscdk.services.iam.Grant;
import software.amazon.awscdk.services.iam.GrantOnPrincipalOptions;
import software.amazon.awscdk.services.iam.IGrantable;
import software.constructs.Construct;

/** A service that another stack deploys. Creates no resources. */
final class ImportedService extends Construct implements ISpotService {
    private static final int REGION_OF_ARN = 3;
    private static final int ACCOUNT_OF_ARN = 4;
    private static final int NAME_OF_ARN = 6;

    private final String url;
    private final String serviceName;
    private final String aliasArn;
    private final @Nullable String minterArn;
    private final boolean mayTakeSignedRequests;

    private ImportedService(
            Construct scope, String id, SpotServiceAttributes attributes, boolean mayTakeSignedRequests) {
        super(scope, id);
        url = attributes.url;
        serviceName = attributes.serviceName;
        aliasArn = attributes.aliasArn;
        minterArn = attributes.minterArn;
        this.mayTakeSignedRequests = mayTakeSignedRequests;
    }

    /** Imports a service by its attributes, which show whether its URL takes tokens. */
    static ISpotService of(Construct scope, String id, SpotServiceAttributes attributes) {
        return new ImportedService(scope, id, attributes, attributes.minterArn == null);
    }

    /** Imports a service by its parameter. Only a deployment shows whether its URL takes tokens. */
    static ISpotService ofParameter(Construct scope, String id, String parameterName) {
        return new ImportedService(scope, id, ServiceParameter.attributes(scope, parameterName), true);
    }

    @Override
    public Grant grantInvoke(IGrantable grantee) {
        Validate.argumentNotNull("grantee", grantee);
        if (!mayTakeSignedRequests) {
            throw GrantErrors.invokeWithTokens();
        }
        return grant(
                        "grantInvoke",
                        grantee,
                        "lambda:InvokeFunctionUrl",
                        List.of(aliasArn),
                        Map.of("StringEquals", Map.of("lambda:FunctionUrlAuthType", "AWS_IAM")))
                .combine(grant(
                        "grantInvoke",
                        grantee,
                        "lambda:InvokeFunction",
                        List.of(aliasArn),
                        Map.of("Bool", Map.of("lambda:InvokedViaFunctionUrl", "true"))));
    }

    @Override
    public Grant grantMint(IGrantable grantee) {
        Validate.argumentNotNull("grantee", grantee);
        if (minterArn == null) {
            throw GrantErrors.mintWithoutTokens();
        }
        return grant(
                "grantMint", grantee, "lambda:InvokeFunction", List.of(minterArn, minterArn + ":$LATEST"), Map.of());
    }

    @Override
    public String getMinterName() {
        if (minterArn == null) {
            throw GrantErrors.noMinter();
        }
        return Fn.select(NAME_OF_ARN, Fn.split(":", minterArn));
    }

    @Override
    public String getUrl() {
        return url;
    }

    @Override
    public String getServiceName() {
        return serviceName;
    }

    @Override
    public String getHomeRegion() {
        return Fn.select(REGION_OF_ARN, Fn.split(":", aliasArn));
    }

    @Override
    public String getHomeAccount() {
        return Fn.select(ACCOUNT_OF_ARN, Fn.split(":", aliasArn));
    }

    /** The CDK silently drops grants to a role that a stack of another account imports. */
    private static void failIfInAnotherAccount(String method, IGrantable grantee) {
        if (!(grantee instanceof IResource resource)) {
            return;
        }
        String account = resource.getEnv().getAccount();
        String own = Stack.of(resource).getAccount();
        if (!isUnresolved(account) && !isUnresolved(own) && !account.equals(own)) {
            throw new IllegalStateException("'" + method + "' of an imported service cannot change a role of account "
                    + account + " from a stack of account " + own + "; call it in a stack of account " + account);
        }
    }

    private static boolean isUnresolved(String value) {
        return Boolean.TRUE.equals(Token.isUnresolved(value));
    }

    private static Grant grant(
            String method,
            IGrantable grantee,
            String action,
            List<String> resources,
            Map<String, Map<String, Object>> conditions) {
        failIfInAnotherAccount(method, grantee);
        Grant grant = Grant.addToPrincipal(GrantOnPrincipalOptions.builder()
                .grantee(grantee)
                .actions(List.of(action))
                .resourceArns(resources)
                .conditions(conditions)
                .build());
        if (!grant.getSuccess()) {
            throw new IllegalStateException("'" + method + "' of an imported service needs a principal with a policy"
                    + " that this app can extend, such as a role or a user, got " + grantee.getGrantPrincipal()
                    + "; grant it in the service's own stack instead");
        }
        return grant;
    }
}
