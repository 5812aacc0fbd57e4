package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.InstanceTypes;
import io.github.spotspec.function.ec2.PlacementScores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code score}: EC2's placement scores, its estimate of how likely it is to have capacity for a number of instances
 * now.
 */
public final class ScoreTask implements Task {
    static final Field<Integer> COUNT = Field.integer("count", 1, 2_000).or("TargetCapacity", "targetCapacity");
    static final Field<String> PER = Field.oneOf("per", List.of("zone", "region"));

    /** EC2's score for fewer types is always low and means nothing. */
    private static final int MIN_TYPES = 3;

    /** The most types and regions that EC2 scores in one call. */
    private static final int MAX_TYPES = 1_000;

    private static final int MAX_REGIONS = 10;

    private final AllowedRegions regions;
    private final InstanceTypes instanceTypes;
    private final PlacementScores scores;

    public ScoreTask(AllowedRegions regions, InstanceTypes instanceTypes, PlacementScores scores) {
        this.regions = regions;
        this.instanceTypes = instanceTypes;
        this.scores = scores;
    }

    @Override
    public String name() {
        return "score";
    }

    @Override
    public List<Field<?>> fields() {
        List<Field<?>> fields = new ArrayList<>(List.of(AllowedRegions.FIELD));
        fields.addAll(TypeSelection.FIELDS);
        fields.addAll(List.of(COUNT, PER));
        return fields;
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        List<String> asked = regions.of(fields);
        TypeSelection selection = TypeSelection.of(fields);
        checkRegions(asked);
        if (selection.requirements() == null) {
            checkTypes(selection.types());
        }
        int count = fields.get(COUNT, 1);
        boolean zones = fields.get(PER, "zone").equals("zone");
        return context -> run(asked, selection, count, zones, context);
    }

    private Answer run(List<String> asked, TypeSelection selection, int count, boolean zones, TaskContext context) {
        List<String> types = selection.atMost(MAX_TYPES, asked.getFirst(), instanceTypes, context.callContext());
        checkTypes(types);
        PlacementScores.Scores scored = scores(asked, selection, types, count, zones, context);
        List<PlacementScores.Score> found = new ArrayList<>(scored.scores());
        found.sort(Comparator.comparingInt((PlacementScores.Score score) -> -score.score())
                .thenComparing(PlacementScores.Score::region)
                .thenComparing(score -> String.valueOf(score.zone())));
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", context.now());
        meta.put("source", "ec2:GetSpotPlacementScores");
        meta.put("types", types.stream().sorted().toList());
        meta.put("count", count);
        if (scored.skipped() > 0) {
            meta.put("skippedRows", scored.skipped());
        }
        return new Answer("scored", found, meta);
    }

    /** Returns the scores. Checks whether EC2 knows the types if it rejects them or has no score for them. */
    private PlacementScores.Scores scores(
            List<String> asked,
            TypeSelection selection,
            List<String> types,
            int count,
            boolean zones,
            TaskContext context) {
        try {
            PlacementScores.Scores scored =
                    scores.scores(asked.getFirst(), asked, types, count, zones, context.callContext());
            if (scored.scores().isEmpty()) {
                checkKnown(asked, selection, context);
            }
            return scored;
        } catch (ServiceException failure) {
            if (failure.errorCode() == ErrorCode.EC2_REFUSED) {
                checkKnown(asked, selection, context);
            }
            throw failure;
        }
    }

    private void checkKnown(List<String> asked, TypeSelection selection, TaskContext context) {
        List<String> unknown = selection.types();
        for (String region : asked) {
            unknown = instanceTypes.unknown(region, unknown, context.callContext());
        }
        if (!unknown.isEmpty()) {
            throw InstanceTypes.unknown(unknown, asked);
        }
    }

    static void checkRegions(List<String> asked) {
        if (asked.size() > MAX_REGIONS) {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE,
                    "EC2 scores at most " + MAX_REGIONS + " 'regions' at a time, got " + asked.size() + ".");
        }
    }

    static void checkTypes(List<String> types) {
        if (types.size() < MIN_TYPES) {
            throw new ServiceException(
                    ErrorCode.TOO_FEW_TYPES,
                    "EC2's placement scores are meaningful only for at least " + MIN_TYPES + " types, got "
                            + types.size() + "; name more 'types', or require less of them.");
        }
    }
}
