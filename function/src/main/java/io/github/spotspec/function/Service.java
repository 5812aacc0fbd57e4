package io.github.spotspec.function;

import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.answer.Session;
import io.github.spotspec.function.deployment.Caller;
import io.github.spotspec.function.deployment.Scope;
import io.github.spotspec.function.deployment.Settings;
import io.github.spotspec.function.edge.UrlEdge;
import io.github.spotspec.function.operator.Access;
import io.github.spotspec.function.operator.Allowance;
import io.github.spotspec.function.operator.Deadline;
import io.github.spotspec.function.operator.Granted;
import io.github.spotspec.function.operator.Operator;
import io.github.spotspec.function.operator.OperatorKeys;
import io.github.spotspec.function.operator.OperatorSource;
import io.github.spotspec.function.request.Fields;
import io.github.spotspec.function.task.Call;
import io.github.spotspec.function.task.Task;
import io.github.spotspec.function.task.Tasks;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpClient;

/** The service behind the URL: its tasks, and the operator that carries them out. Thread-safe. */
final class Service implements UrlEdge.Service {
    private final Settings settings;
    private final TaskTable table;
    private final Tasks tasks;
    private final OperatorSource operators;
    private final Access access;

    Service(Settings settings, OperatorSource operators, Access access, SdkHttpClient http, InstantSource clock) {
        this.operators = operators;
        this.access = access;
        this.settings = settings;
        this.table = new TaskTable(settings, http, clock);
        this.tasks = tasks(settings);
    }

    private Tasks tasks(Settings allowed) {
        return new Tasks(table.of(allowed), allowed.tasks());
    }

    @Override
    public boolean knows(String task) {
        return tasks.knows(task);
    }

    @Override
    public Answer answer(Fields fields, Caller caller, Instant now, Deadline deadline) {
        Task.Act act = prepare(fields, caller.scope());
        Access.Way way = access.prepare(fields);
        OperatorKeys keys = operators.keys(deadline);
        Allowance allowance = Allowance.ofRequest();
        try {
            return run(act, way, keys, caller, now, deadline, allowance);
        } catch (Refusal refusal) {
            // Not after a code was taken: the same code would be refused, and its session be lost.
            if (!refusal.reason().isOfSecret() || refusal.session() != null) {
                throw refusal;
            }
            OperatorKeys fresh = operators.insteadOf(keys, refusal, deadline);
            return run(act, way, fresh, caller, now, deadline, allowance);
        }
    }

    /**
     * Prepares what is asked, as far as the caller's scope covers it.
     *
     * @throws Refusal the deployment's own, or else {@link Reason#SCOPE_EXCEEDED} if only the scope is in the way
     */
    private Task.Act prepare(Fields fields, @Nullable Scope scope) {
        if (scope == null) {
            return tasks.prepare(fields);
        }
        try {
            if (scope.isWithin(settings)) {
                return tasks(scope.within(settings)).prepare(fields);
            }
        } catch (Refusal narrower) {
            tasks.prepare(fields);
        }
        throw scope.exceeded();
    }

    private static Answer run(
            Task.Act act,
            Access.Way way,
            OperatorKeys keys,
            Caller caller,
            Instant now,
            Deadline deadline,
            Allowance allowance) {
        Granted granted = way.grant(keys, caller.name(), now, deadline);
        Operator operator = new Operator(granted.credentials(), granted.mfa(), keys.userData(), deadline, allowance);
        Call call = new Call(caller, operator, now);
        Session opened = granted.opened();
        if (opened == null) {
            return act.run(call);
        }
        try {
            return act.run(call).with(opened);
        } catch (Refusal refusal) {
            throw refusal.with(opened);
        }
    }
}
