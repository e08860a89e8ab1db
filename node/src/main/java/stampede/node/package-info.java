@org.jspecify.annotations.NullMarked
package stampede.node;
