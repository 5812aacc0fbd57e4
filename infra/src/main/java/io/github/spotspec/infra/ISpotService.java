package io.github.spotspec.infra;

import software.amazon.awscdk.services.iam.Grant;
import software.amazon.awscdk.services.iam.IGrantable;

/**
 * A spot service: a {@link SpotService} of this app, or one that another stack or app deploys. Import the latter with
 * {@link SpotService#fromSpotServiceAttributes} or {@link SpotService#fromParameterName}.
 *
 * <p>Not thread-safe, like every construct. This library implements the interface; a minor version may add methods.
 */
public interface ISpotService extends ServiceMetrics {
    /** Returns the service's URL. */
    String getUrl();

    /**
     * Returns the name of the minter's function, which {@code spot mint} and Lambda's Invoke take in the service's own
     * account and region. A principal needs {@link #grantMint} to invoke it.
     *
     * @throws IllegalStateException if the URL does not take tokens; if the service was imported with a parameter's
     *     name, the deployment fails instead
     */
    String getMinterName();

    /**
     * Grants a principal permission to call the URL. The principal cannot invoke the function in any other way.
     *
     * <p>The grant of an imported service is a statement in the principal's own policy, because only the service's
     * stack can change the function's policy. A principal of another account needs both: this grant, and in the
     * service's stack a grant to the account, {@code spot.grantInvoke(new AccountPrincipal("444455556666"))}.
     *
     * @param grantee a role, a user, or any other principal
     * @throws IllegalStateException if the URL takes tokens, because the permission would then have no effect; a
     *     service that was imported with a parameter's name cannot check this. Also if the service is imported and the
     *     principal has no policy that this app can extend
     */
    Grant grantInvoke(IGrantable grantee);

    /**
     * Grants a principal permission to create and revoke tokens for the URL by invoking the minter. What
     * {@link #grantInvoke} says about principals of other accounts applies here too.
     *
     * @param grantee a role, a user, or any other principal
     * @throws IllegalStateException if the URL does not take tokens; if the service was imported with a parameter's
     *     name, the deployment fails instead. Also if the service is imported and the principal has no policy that this
     *     app can extend
     */
    Grant grantMint(IGrantable grantee);
}
