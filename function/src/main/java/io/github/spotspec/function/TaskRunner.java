package io.github.spotspec.function;

import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Session;
import io.github.spotspec.function.caller.Caller;
import io.github.spotspec.function.caller.Scope;
import io.github.spotspec.function.config.Settings;
import io.github.spotspec.function.credentials.CredentialsResolver;
import io.github.spotspec.function.credentials.OperatorCredentials;
import io.github.spotspec.function.credentials.OperatorCredentialsProvider;
import io.github.spotspec.function.credentials.ResolvedCredentials;
import io.github.spotspec.function.http.FunctionUrlHandler;
import io.github.spotspec.function.runtime.CallBudget;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.runtime.Operator;
import io.github.spotspec.function.task.Task;
import io.github.spotspec.function.task.TaskContext;
import io.github.spotspec.function.task.TaskRegistry;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpClient;

/** Runs the tasks of the service behind the URL with the operator's credentials. Thread-safe. */
final class TaskRunner implements FunctionUrlHandler.Service {
    private final Settings settings;
    private final TaskFactory table;
    private final TaskRegistry tasks;
    private final OperatorCredentialsProvider operators;
    private final CredentialsResolver access;

    TaskRunner(
            Settings settings,
            OperatorCredentialsProvider operators,
            CredentialsResolver access,
            SdkHttpClient http,
            InstantSource clock) {
        this.operators = operators;
        this.access = access;
        this.settings = settings;
        this.table = new TaskFactory(settings, http, clock);
        this.tasks = tasks(settings);
    }

    private TaskRegistry tasks(Settings allowed) {
        return new TaskRegistry(table.of(allowed), allowed.tasks());
    }

    @Override
    public boolean knows(String task) {
        return tasks.knows(task);
    }

    @Override
    public Answer answer(Fields fields, Caller caller, Instant now, Deadline deadline) {
        Task.PreparedTask act = prepare(fields, caller.scope());
        CredentialsResolver.CredentialsRequest way = access.prepare(fields);
        OperatorCredentials keys = operators.credentials(deadline);
        CallBudget allowance = CallBudget.forRequest();
        try {
            return run(act, way, keys, caller, now, deadline, allowance);
        } catch (ServiceException refusal) {
            // Not after STS accepted an MFA code: it would reject the same code now, and the session would be lost.
            if (!refusal.errorCode().isOperatorSecretFault() || refusal.session() != null) {
                throw refusal;
            }
            OperatorCredentials fresh = operators.replacementFor(keys, refusal, deadline);
            return run(act, way, fresh, caller, now, deadline, allowance);
        }
    }

    /**
     * Prepares the requested task, as far as the caller's scope covers it.
     * @throws ServiceException if the deployment rejects the request; with {@link ErrorCode#SCOPE_EXCEEDED} if only the
     *     scope does not cover it
     */
    private Task.PreparedTask prepare(Fields fields, @Nullable Scope scope) {
        if (scope == null) {
            return tasks.prepare(fields);
        }
        try {
            if (scope.isWithin(settings)) {
                return tasks(scope.within(settings)).prepare(fields);
            }
        } catch (ServiceException narrower) {
            tasks.prepare(fields);
        }
        throw scope.exceeded();
    }

    private static Answer run(
            Task.PreparedTask act,
            CredentialsResolver.CredentialsRequest way,
            OperatorCredentials keys,
            Caller caller,
            Instant now,
            Deadline deadline,
            CallBudget allowance) {
        ResolvedCredentials granted = way.resolve(keys, caller.name(), now, deadline);
        Operator operator = new Operator(granted.credentials(), granted.mfa(), keys.userData(), deadline, allowance);
        TaskContext call = new TaskContext(caller, operator, now);
        Session opened = granted.openedSession();
        if (opened == null) {
            return act.run(call);
        }
        try {
            return act.run(call).with(opened);
        } catch (ServiceException refusal) {
            throw refusal.with(opened);
        }
    }
}
