package stampede.rig.check.rule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import stampede.rig.check.ClientEvent;
import stampede.rig.check.Key;

/** The story of every key that clients sent. */
public final class KeyStories {
  private final Map<Key, KeyStory> stories = new HashMap<>();

  public static KeyStories of(List<ClientEvent> events) {
    KeyStories all = new KeyStories();
    for (ClientEvent event : events) {
      if (event.item() != 0 && !event.key().isEmpty()) {
        all.take(event);
      }
    }
    return all;
  }

  private void take(ClientEvent event) {
    Key key = new Key(event.user(), event.item(), event.key());
    KeyStory story = stories.get(key);
    if (story == null) {
      if (event.kind() != ClientEvent.Kind.SENT) {
        return; // somebody else's: S12 finds it
      }
      story = new KeyStory();
      stories.put(key, story);
    }
    story.take(event);
  }

  /** Null if the user never sent this key. */
  @Nullable KeyStory of(Key key) {
    return stories.get(key);
  }

  void forEach(BiConsumer<Key, KeyStory> each) {
    stories.forEach(each);
  }

  public int size() {
    return stories.size();
  }

  /** The keys without an answer yet: those to ask for before the run is checked. */
  public List<Key> open() {
    List<Key> open = new ArrayList<>();
    stories.forEach(
        (key, story) -> {
          if (story.isOpen()) {
            open.add(key);
          }
        });
    return open;
  }
}
