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
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.CallBudget;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.task.StatusTask;
import io.github.spotspec.function.task.Task;
import io.github.spotspec.function.task.TaskContext;
import io.github.spotspec.function.task.TaskRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpClient;

/** Runs the tasks of the service behind the URL with the operator's credentials. Thread-safe. */
final class TaskRunner implements FunctionUrlHandler.Service {
    private final Settings settings;
    private final TaskFactory taskFactory;
    private final TaskRegistry tasks;
    private final OperatorCredentialsProvider credentialsProvider;
    private final CredentialsResolver credentialsResolver;
    private final ThrottledCallers throttledCallers = new ThrottledCallers();
    private final InstantSource clock;

    TaskRunner(
            Settings settings,
            OperatorCredentialsProvider credentialsProvider,
            CredentialsResolver credentialsResolver,
            SdkHttpClient http,
            InstantSource clock) {
        this.credentialsProvider = credentialsProvider;
        this.credentialsResolver = credentialsResolver;
        this.settings = settings;
        this.clock = clock;
        this.taskFactory = new TaskFactory(settings, http, clock);
        this.tasks = tasks(settings);
    }

    private TaskRegistry tasks(Settings allowed) {
        Set<String> names = new HashSet<>(allowed.tasks());
        names.add(StatusTask.NAME);
        return new TaskRegistry(taskFactory.of(allowed), names);
    }

    @Override
    public boolean knows(String task) {
        return tasks.knows(task);
    }

    @Override
    public Answer answer(Fields fields, Caller caller, Instant now, Deadline deadline) {
        Task.PreparedTask task = prepare(fields, caller.scope());
        String name = fields.get(Fields.TASK, "");
        throttledCallers.check(caller.name(), name, now);
        try {
            return run(task, fields, caller, now, deadline);
        } catch (ServiceException failure) {
            if (failure.errorCode() == ErrorCode.THROTTLED) {
                throttledCallers.add(caller.name(), name, clock.instant());
            }
            throw failure;
        }
    }

    /** Runs the task, and repeats it with a new operator's key if AWS rejects the current one. */
    private Answer run(Task.PreparedTask task, Fields fields, Caller caller, Instant now, Deadline deadline) {
        CredentialsResolver.CredentialsRequest credentialsRequest = credentialsResolver.prepare(fields);
        OperatorCredentials operatorCredentials = credentialsProvider.credentials(deadline);
        CallBudget callBudget = CallBudget.forRequest();
        try {
            return run(task, credentialsRequest, operatorCredentials, caller, now, deadline, callBudget);
        } catch (ServiceException failure) {
            // Not after STS accepted an MFA code: it would reject the same code now, and the session would be lost.
            if (!failure.errorCode().isOperatorSecretFault() || failure.session() != null) {
                throw failure;
            }
            OperatorCredentials fresh = credentialsProvider.replacementFor(operatorCredentials, failure, deadline);
            return run(task, credentialsRequest, fresh, caller, now, deadline, callBudget);
        }
    }

    /**
     * Prepares the requested task, as far as the caller's scope covers it.
     *
     * @throws ServiceException if the deployment rejects the request; with {@link ErrorCode#SCOPE_EXCEEDED} if only the
     *     scope does not cover it
     */
    private Task.PreparedTask prepare(Fields fields, @Nullable Scope scope) {
        if (scope == null) {
            return tasks.prepare(fields);
        }
        try {
            if (scope.overlaps(settings)) {
                return tasks(scope.narrow(settings)).prepare(fields);
            }
        } catch (ServiceException narrower) {
            tasks.prepare(fields);
        }
        throw scope.exceeded();
    }

    private static Answer run(
            Task.PreparedTask task,
            CredentialsResolver.CredentialsRequest credentialsRequest,
            OperatorCredentials operatorCredentials,
            Caller caller,
            Instant now,
            Deadline deadline,
            CallBudget callBudget) {
        ResolvedCredentials resolved = credentialsRequest.resolve(operatorCredentials, caller.name(), now, deadline);
        AwsCallContext callContext = new AwsCallContext(
                resolved.credentials(), resolved.mfa(), operatorCredentials.userData(), deadline, callBudget);
        TaskContext context = new TaskContext(caller, callContext, now, resolved.sessionExpires());
        Session session = resolved.openedSession();
        if (session == null) {
            return task.run(context);
        }
        try {
            return task.run(context).with(session);
        } catch (ServiceException failure) {
            throw failure.with(session);
        }
    }
}
