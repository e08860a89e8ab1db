package stampede.standalone.crowd;

import org.jspecify.annotations.Nullable;

/**
 * A frame that passed a client's socket, in short.
 *
 * @param atMs epoch milliseconds
 * @param sent true if the client sent it
 * @param type the frame's type, or {@code connected}, {@code closed}, {@code dropped}
 */
public record Frame(
    long atMs,
    boolean sent,
    String type,
    @Nullable String key,
    @Nullable String outcome,
    @Nullable String order,
    long position) {}
