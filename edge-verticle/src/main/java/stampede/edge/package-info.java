@org.jspecify.annotations.NullMarked
package stampede.edge;
