package stampede.edge.management;

/**
 * Who sends commands.
 *
 * @param name subject of the token; goes into the audit
 * @param role the highest of the token's roles
 * @param expiresAtMs epoch ms
 */
public record Operator(String name, Role role, long expiresAtMs) {}
