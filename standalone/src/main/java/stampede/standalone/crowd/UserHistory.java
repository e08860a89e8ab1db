package stampede.standalone.crowd;

import java.util.List;

/**
 * Everything one user did and was told.
 *
 * @param frames the last of them
 * @param framesForgotten how many earlier ones are no longer kept
 */
public record UserHistory(
    String user, List<KeyHistory> keys, List<Frame> frames, long framesForgotten) {}
