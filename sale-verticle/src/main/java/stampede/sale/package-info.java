@org.jspecify.annotations.NullMarked
package stampede.sale;
