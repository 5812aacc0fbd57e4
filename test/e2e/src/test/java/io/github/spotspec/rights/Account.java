package io.github.spotspec.rights;

/** The account of all deployments, and the resources in it. */
final class Account {
    static final String ID = "111122223333";
    /** The account that shares its VPC through AWS RAM. */
    private static final String SHARER = "222233334444";

    static final String HOME = "us-west-2";
    static final String ABROAD = "eu-west-1";
    static final String ELSEWHERE = "ap-south-1";
    static final String IMAGE = "ami-0123456789abcdef0";
    static final String SUBNET = "subnet-0123456789abcdef0";
    static final String GROUP = "sg-0123456789abcdef0";
    static final String KEY = "dev";
    static final String INSTANCE_ROLE = "arn:aws:iam::" + ID + ":role/SpotInstances";

    private Account() {}

    /** Returns an ARN. */
    static String of(String service, String region, String account, String resource) {
        return "arn:aws:" + service + ":" + region + ":" + account + ":" + resource;
    }

    /** Returns the ARN of a resource in the home region. */
    static String home(String service, String resource) {
        return of(service, Account.HOME, Account.ID, resource);
    }

    /** Returns the ARN of an EC2 resource. */
    static String ec2(String region, String resource) {
        return of("ec2", region, Account.ID, resource);
    }

    /** Returns the ARN of an EC2 resource of the sharing account. */
    static String shared(String region, String resource) {
        return of("ec2", region, SHARER, resource);
    }

    /** Returns the ARN of an IAM resource, which has no region. */
    static String iam(String resource) {
        return of("iam", "", Account.ID, resource);
    }
}
