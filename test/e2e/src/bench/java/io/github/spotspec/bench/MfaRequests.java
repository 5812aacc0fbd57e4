package io.github.spotspec.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.lambda.Sandbox;
import java.util.List;

/**
 * Measures requests with MFA: the first one of a restored environment, with a code, which STS exchanges for a session,
 * and with the session that the code opened. All ask for the price of one type.
 */
final class MfaRequests extends Interleaved {
    static final String CODE = RestoredStart.FIGURE + ", with an MFA code";
    static final String SESSION = RestoredStart.FIGURE + ", with an MFA session";
    static final String WARM_CODE = "warm, with an MFA code";
    static final String WARM_SESSION = "warm, with an MFA session";

    private final Latency latency;
    private final OperatorMfa mfa;
    private int questions;

    MfaRequests(BenchmarkAccount account, List<Contestant> contestants, Latency latency) {
        super(account, contestants);
        this.latency = latency;
        this.mfa = new OperatorMfa(account.cloud());
    }

    /** Returns the contestant, deployed with MFA. */
    private Contestant withMfa(Contestant contestant) {
        ObjectNode settings = account().settings(BenchmarkAccount.REGIONS);
        settings.put("secretArn", BenchmarkAccount.SECRET).put("sessionSecretArn", OperatorMfa.SESSION_SECRET);
        settings.putArray("mfaTasks").add("launch");
        return contestant.with(settings);
    }

    @Override
    void once(Contestant contestant, Table table) {
        Setting setting = Setting.deployed(contestant, latency);
        String session;
        try (Sandbox sandbox = account().start(withMfa(contestant), setting)) {
            session = ask(sandbox, "mfaCode", mfa.nextCode(), CODE, contestant, table);
            ask(sandbox, "mfaCode", mfa.nextCode(), WARM_CODE, contestant, table);
        }
        try (Sandbox sandbox = account().start(withMfa(contestant), setting)) {
            ask(sandbox, "session", session, SESSION, contestant, table);
            ask(sandbox, "session", session, WARM_SESSION, contestant, table);
        }
    }

    /** Returns the session in the answer, or an empty text. */
    private String ask(Sandbox sandbox, String field, String value, String figure, Contestant contestant, Table table) {
        byte[] event = WarmRequests.question(questions++).with(field, value).event();
        long start = System.nanoTime();
        byte[] answer = sandbox.answer(event);
        table.add(figure, contestant.name(), "ms", millisSince(start));
        BenchmarkRequest.rows(answer);
        return BenchmarkRequest.body(answer).path("meta").path("session").asText();
    }
}
