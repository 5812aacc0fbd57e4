package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Forges tokens from two valid ones. Some forgeries use the signing secret. */
final class ForgedTokens {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "HmacSHA256";

    private final String token;
    private final String[] parts;
    private final String[] others;
    private final String header;
    private final String claims;
    private final String secret;
    private final String service;
    private final List<String> all = new ArrayList<>();

    private ForgedTokens(String token, String other, String secret) throws Exception {
        this.token = token;
        this.parts = token.split("\\.", -1);
        this.others = other.split("\\.", -1);
        this.header = decodeBase64Url(parts[0]);
        this.claims = decodeBase64Url(parts[1]);
        this.secret = secret;
        this.service = JSON.readTree(claims).path("iss").asText();
    }

    /**
     * Returns every forgery.
     *
     * @param other another token of the same deployment, which covers more
     * @param secret the signing secret of the deployment
     */
    static List<String> of(String token, String other, String secret) throws Exception {
        ForgedTokens forgeries = new ForgedTokens(token, other, secret);
        if (!forgeries.sign(forgeries.header, forgeries.claims, forgeries.key()).equals(token)) {
            throw new AssertionError("the signature differs from the minter's, so the forgeries would prove nothing");
        }
        forgeries.addAltered();
        forgeries.addUnsigned();
        forgeries.addOtherHeaders();
        forgeries.addOtherKeys();
        forgeries.addWidened();
        forgeries.addInvalidClaims();
        return forgeries.all.stream().distinct().toList();
    }

    /** Returns an expired copy of a token with a valid signature. */
    static String expired(String token, String secret) throws Exception {
        ForgedTokens forgeries = new ForgedTokens(token, token, secret);
        return forgeries.sign(
                forgeries.header,
                forgeries.withClaims(all -> all.put("exp", all.path("iat").asLong())),
                forgeries.key());
    }

    private void addAltered() {
        for (int i = 1; i < token.length(); i++) {
            all.add(token.substring(0, i));
        }
        for (int i = 0; i < token.length(); i++) {
            char changed = token.charAt(i) == 'A' ? 'B' : 'A';
            all.add(token.substring(0, i) + changed + token.substring(i + 1));
        }
        for (String more :
                List.of("A", "=", "==", ".", "..", ".A", "." + parts[2], "%00", "%20A", "," + token, "\t" + token)) {
            all.add(token + more);
        }
        all.addAll(List.of("null", "undefined", ".", "..", "...", "Bearer", "'", "*", "{}", claims, service, parts[2]));
    }

    private void addUnsigned() {
        for (String none : List.of("none", "None", "NONE", "nOnE", "")) {
            for (String plain : List.of("{\"alg\":\"" + none + "\"}", header.replace("HS256", none))) {
                for (String signature : List.of("", "AA", parts[2])) {
                    all.add(base64Url(plain) + "." + parts[1] + "." + signature);
                }
                all.add(base64Url(plain) + "." + parts[1]);
            }
        }
        all.add(parts[0] + "." + parts[1] + ".");
        all.add(parts[0] + "." + parts[1]);
        all.add(parts[0] + ".." + parts[2]);
        all.add("." + parts[1] + "." + parts[2]);
    }

    /** Adds tokens with valid signatures and unexpected headers. */
    private void addOtherHeaders() throws Exception {
        for (String alg : List.of("HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256", "HS256 ", "dir")) {
            String other = header.replace("HS256", alg);
            all.add(sign(other, claims, key()));
            all.add(base64Url(other) + "." + parts[1] + "." + parts[2]);
        }
        for (String more : List.of(
                ",\"crit\":[\"exp\"]",
                ",\"b64\":false",
                ",\"zip\":\"DEF\"",
                ",\"cty\":\"JWT\"",
                ",\"alg\":\"none\"",
                ",\"jku\":\"https://evil.example/keys\"",
                ",\"x5u\":\"https://evil.example/cert\"",
                ",\"x5c\":[\"AAAA\"]",
                ",\"jwk\":{\"kty\":\"oct\",\"k\":\"" + base64Url("k".repeat(32)) + "\"}")) {
            String other = header.replace("}", more + "}");
            all.add(sign(other, claims, key()));
            all.add(sign(other, claims, "k".repeat(32).getBytes(StandardCharsets.UTF_8)));
        }
        for (String kid : List.of("", "../../../../dev/null", "' OR '1'='1", "0", "http://169.254.169.254/")) {
            String other = header.replaceFirst("\"kid\":\"[^\"]*\"", "\"kid\":\"" + kid + "\"");
            all.add(sign(other, claims, key()));
            all.add(sign(other, claims, new byte[1]));
        }
        for (String other : List.of(
                header.replaceFirst("\"kid\":\"[^\"]*\",", ""),
                header.replace(",\"typ\":\"JWT\"", ""),
                header.replace(",", ", "),
                header.replace("\"alg\"", "\"\\u0061lg\""),
                "\ufeff" + header,
                "{}",
                "[]",
                "")) {
            all.add(sign(other, claims, key()));
        }
    }

    private void addOtherKeys() throws Exception {
        for (byte[] key : List.of(
                new byte[1],
                new byte[32],
                secret.getBytes(StandardCharsets.UTF_8),
                service.getBytes(StandardCharsets.UTF_8),
                parts[0].getBytes(StandardCharsets.UTF_8),
                JSON.readTree(header).path("kid").asText().getBytes(StandardCharsets.UTF_8),
                "secret".getBytes(StandardCharsets.UTF_8),
                deriveKey(secret, "session key of " + service),
                deriveKey(secret, "token key name of " + service),
                deriveKey(secret, "token key of Other/Spot@us-west-2"),
                deriveKey("another secret of sixteen or more", "token key of " + service))) {
            all.add(sign(header, claims, key));
        }
    }

    /** Adds tokens with a wider scope, with the old signature or the one of the other token. */
    private void addWidened() throws Exception {
        List<Consumer<ObjectNode>> changes = List.of(
                all -> scope(all).putArray("tasks").add("price").add("launch").add("end"),
                all -> scope(all).putArray("tasks").add("*"),
                all -> scope(all).remove("regions"),
                all -> scope(all).putArray("regions").add("us-east-1"),
                all -> scope(all).put("count", 1_000),
                all -> scope(all).put("price", "1000"),
                all -> scope(all).put("lease", "365d"),
                all -> all.put("exp", all.path("exp").asLong() + 86_400),
                all -> all.remove("exp"),
                all -> all.remove("scope"),
                all -> all.put("jti", "00000000-0000-0000-0000-000000000000"),
                all -> all.put("iss", "Other/Spot@us-west-2"));
        for (Consumer<ObjectNode> change : changes) {
            String wider = base64Url(withClaims(change));
            all.add(parts[0] + "." + wider + "." + parts[2]);
            all.add(parts[0] + "." + wider + "." + others[2]);
        }
        all.add(parts[0] + "." + others[1] + "." + parts[2]);
        all.add(parts[0] + "." + parts[1] + "." + others[2]);
        all.add(parts[0] + "." + parts[1] + others[1] + "." + parts[2]);
    }

    /** Adds tokens with valid signatures and expired, future or unknown claims. */
    private void addInvalidClaims() throws Exception {
        long now = JSON.readTree(claims).path("iat").asLong();
        List<Consumer<ObjectNode>> changes = List.of(
                all -> all.put("exp", now - 1),
                all -> all.put("exp", now - 365L * 86_400),
                all -> all.put("exp", 0),
                all -> all.put("exp", -1),
                all -> all.put("iat", new java.math.BigDecimal(now + 3_600 + ".000")),
                all -> all.put("iat", new java.math.BigDecimal(now + 365L * 86_400 + ".000")),
                all -> all.put("nbf", now + 3_600),
                all -> all.put("nbf", now - 3_600),
                all -> all.put("aud", "others"),
                all -> all.put("sub", "admin"),
                all -> scope(all).put("mfa", true),
                all -> all.put("iss", "Other/Spot@us-west-2"));
        for (Consumer<ObjectNode> change : changes) {
            all.add(sign(header, withClaims(change), key()));
        }
        all.add(sign(header, claims.replace(":{", ": {"), key()));
    }

    private static ObjectNode scope(ObjectNode claims) {
        return (ObjectNode) claims.path("scope");
    }

    private String withClaims(Consumer<ObjectNode> change) throws Exception {
        ObjectNode all = (ObjectNode) JSON.reader()
                .with(com.fasterxml.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .without(com.fasterxml.jackson.databind.cfg.JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .readTree(claims);
        change.accept(all);
        return all.toString();
    }

    private byte[] key() throws GeneralSecurityException {
        return deriveKey(secret, "token key of " + service);
    }

    /** Derives a key with HKDF (RFC 5869), as the service does. */
    private static byte[] deriveKey(String secret, String info) throws GeneralSecurityException {
        return KDF.getInstance("HKDF-SHA256")
                .deriveData(HKDFParameterSpec.ofExtract()
                        .addIKM(secret.getBytes(StandardCharsets.UTF_8))
                        .thenExpand(("spotspec " + info).getBytes(StandardCharsets.UTF_8), 32));
    }

    private String sign(String otherHeader, String otherClaims, byte[] key) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(KEY);
        mac.init(new SecretKeySpec(key, KEY));
        String input = base64Url(otherHeader) + "." + base64Url(otherClaims);
        return input + "." + base64Url(mac.doFinal(input.getBytes(StandardCharsets.UTF_8)));
    }

    private static String base64Url(String text) {
        return base64Url(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String base64Url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String decodeBase64Url(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }
}
