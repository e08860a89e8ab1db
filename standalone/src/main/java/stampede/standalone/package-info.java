@org.jspecify.annotations.NullMarked
package stampede.standalone;
